//! Stripe, by payment intents: we make the intent, the buyer's page pays it with Stripe's own library, and a webhook says so.
//!
//! Card numbers never come here. What an intent is asked for, and its metadata, are the same at every repeat of an attempt, because
//! Stripe refuses an idempotency key that comes back with anything else: so nothing that a buyer may change meanwhile is sent.

mod amounts;
mod calls;
mod events;
mod objects;
mod signature;
#[cfg(test)]
mod tests;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::calls::{Call, Failure, Post};
use crate::kernel::ids::PaymentId;
use crate::payments::provider::{
    Attempt, Capabilities, Forged, Handover, Inbound, Notice, Outcome, PaymentFlow, ProviderError, RefundAbility,
    RefundError, RefundRequest, Refunded, Started, Wire,
};

pub use calls::VERSION;

/// What Stripe can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: false,
    only_nothing: false,
    currencies: None,
    minimums: amounts::MINIMUMS,
    maximum: amounts::MAXIMUM,
    maximums: amounts::MAXIMUMS,
    steps: amounts::STEPS,
    flow: PaymentFlow::ClientSecret,
    refund: RefundAbility::FullAndPartial,
    cancels: true,
    answers: true,
};

/// A merchant's account.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sk_…` or `rk_…`: what our calls are made with.
    pub secret_key: SecretString,
    /// `pk_…`: what the buyer's page uses.
    pub publishable_key: String,
    /// `whsec_…` of the endpoint that the merchant has registered for our callbacks; empty until it is.
    pub webhook_secret: SecretString,
}

/// Makes the intent of an attempt; a repeat for the same attempt gets the same intent.
pub async fn start(wire: Wire<'_>, config: &Config, attempt: &Attempt) -> Result<Started, ProviderError> {
    let told = amounts::to_stripe(attempt.amount, attempt.currency);
    let amount = told.ok_or_else(|| refused("amount_not_supported"))?;
    let currency = attempt.currency.code().to_ascii_lowercase();
    let post = Post {
        key: format!("payment:{}", attempt.payment),
        pairs: vec![
            ("amount", amount.to_string()),
            ("currency", currency.clone()),
            ("metadata[order_id]", attempt.order.to_string()),
            ("metadata[order_number]", attempt.number.to_string()),
            ("metadata[attempt_id]", attempt.payment.to_string()),
        ],
    };
    let call = Call {
        path: "/v1/payment_intents".to_owned(),
        post: Some(post),
    };
    let intent = match calls::call(wire, config, &call).await {
        // An intent that was made all the same can be paid by nobody: its secret was told to nobody.
        Err(Failure::Kept) => return Err(failed_there()),
        made => made?,
    };
    // Whatever answered must speak of this payment, or the buyer would pay something else.
    let same = intent["amount"].as_i64() == Some(amount) && intent["currency"] == currency.as_str();
    let found = (objects::text(&intent, "id"), objects::text(&intent, "client_secret"));
    let ((Some(reference), Some(secret)), true) = (found, same) else {
        return Err(ProviderError::Unknown);
    };
    Ok(Started {
        reference: path_part(reference).ok_or(ProviderError::Unknown)?.to_owned(),
        outcome: objects::intent(&intent).ok_or(ProviderError::Unknown)?,
        handover: Some(Handover::ClientSecret {
            client_secret: secret.to_owned(),
            publishable_key: config.publishable_key.clone(),
        }),
    })
}

/// How an intent stands.
pub async fn ask(wire: Wire<'_>, config: &Config, reference: &str) -> Result<Outcome, ProviderError> {
    let intent = get(wire, config, "payment_intents", reference).await?;
    objects::intent(&intent).ok_or(ProviderError::Unknown)
}

/// Takes an intent back, so that nobody can pay it any more. One that was paid before says so.
///
/// An intent that is being paid cannot be taken back and stays pending.
pub async fn cancel(
    wire: Wire<'_>,
    config: &Config,
    payment: PaymentId,
    reference: &str,
) -> Result<Outcome, ProviderError> {
    let id = path_part(reference).ok_or_else(|| refused("resource_missing"))?;
    let post = Post {
        // Stripe keeps a refusal under its key, so a later call needs another one: the intent may be free to be cancelled by then.
        key: format!("cancel:{payment}:{}", wire.now_ms),
        pairs: Vec::new(),
    };
    let call = Call {
        path: format!("/v1/payment_intents/{id}/cancel"),
        post: Some(post),
    };
    match calls::call(wire, config, &call).await {
        Ok(intent) => objects::intent(&intent).ok_or(ProviderError::Unknown),
        Err(Failure::Refused(refusal)) if refusal.status == 400 => ask(wire, config, reference).await,
        Err(failure) => Err(failure.into()),
    }
}

/// Sends money back. The reference is of an intent, or of a charge (`ch_…`), which older payments have only.
pub async fn refund(wire: Wire<'_>, config: &Config, request: &RefundRequest) -> Result<Refunded, RefundError> {
    let told = amounts::to_stripe(request.amount, request.currency);
    let amount = told.ok_or(RefundError::Unsupported)?;
    let post = Post {
        key: format!("refund:{}", request.refund),
        pairs: vec![
            (of_what(&request.reference), request.reference.clone()),
            ("amount", amount.to_string()),
            ("metadata[refund_id]", request.refund.to_string()),
            ("metadata[attempt_id]", request.payment.to_string()),
        ],
    };
    let call = Call {
        path: "/v1/refunds".to_owned(),
        post: Some(post),
    };
    let made = match calls::call(wire, config, &call).await {
        // Whether the money went back before that can be looked up.
        Err(Failure::Kept) => match ask_refund(wire, config, request, None).await {
            Ok(found) => found.ok_or_else(failed_there),
            Err(error) => Err(error),
        },
        Err(failure) => Err(failure.into()),
        Ok(object) => refunded(&object).ok_or(ProviderError::Unknown),
    };
    made.map_err(RefundError::Provider)
}

/// How a refund stands; none when Stripe has no such refund. Without the reference, which an answer that was lost would have told, it is
/// looked for among the refunds of its payment.
pub async fn ask_refund(
    wire: Wire<'_>,
    config: &Config,
    request: &RefundRequest,
    reference: Option<&str>,
) -> Result<Option<Refunded>, ProviderError> {
    if let Some(reference) = reference {
        return match get(wire, config, "refunds", reference).await {
            Ok(object) => refunded(&object).map(Some).ok_or(ProviderError::Unknown),
            Err(Failure::Refused(refusal)) if refusal.status == 404 => Ok(None),
            Err(failure) => Err(failure.into()),
        };
    }
    let id = path_part(&request.reference).ok_or_else(|| refused("resource_missing"))?;
    let call = Call {
        path: format!("/v1/refunds?{}={id}&limit=100", of_what(id)),
        post: None,
    };
    let list = calls::call(wire, config, &call).await?;
    let refunds = list["data"].as_array().ok_or(ProviderError::Unknown)?;
    let mut ours = refunds
        .iter()
        .filter(|object| objects::ours(object, "refund_id") == Some(request.refund));
    match ours.next() {
        Some(object) => refunded(object).map(Some).ok_or(ProviderError::Unknown),
        // What stands behind a hundred others cannot be said to be missing.
        None if list["has_more"] == true => Err(ProviderError::Unknown),
        None => Ok(None),
    }
}

/// The news in a webhook, if Stripe has signed it for this merchant.
pub fn verify(config: &Config, inbound: Inbound<'_>) -> Result<Vec<Notice>, Forged> {
    let secret = config.webhook_secret.expose_secret();
    let header = inbound.signature.ok_or(Forged)?;
    // Anybody can sign with a secret that is not there yet.
    if secret.is_empty() || !inbound.post || !signature::fits(header, inbound.body, secret, inbound.now) {
        return Err(Forged);
    }
    events::read(inbound.body).ok_or(Forged)
}

async fn get(wire: Wire<'_>, config: &Config, what: &str, id: &str) -> Result<Value, Failure> {
    let id = path_part(id).ok_or_else(|| Failure::Nothing(refused("resource_missing")))?;
    let call = Call {
        path: format!("/v1/{what}/{id}"),
        post: None,
    };
    calls::call(wire, config, &call).await
}

/// A refund that is not an object of Stripe's with an id is no answer.
fn refunded(object: &Value) -> Option<Refunded> {
    let reference = objects::text(object, "id")?.to_owned();
    Some(Refunded {
        reference: Some(reference),
        state: objects::refund(object),
    })
}

fn of_what(reference: &str) -> &'static str {
    if reference.starts_with("ch_") {
        "charge"
    } else {
        "payment_intent"
    }
}

/// An id that may stand in a path.
fn path_part(id: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!id.is_empty() && id.len() <= 255 && id.bytes().all(plain)).then_some(id)
}

/// Stripe failed, and nothing came of it: the same with another key may succeed.
fn failed_there() -> ProviderError {
    ProviderError::Refused {
        code: "provider_failed".to_owned(),
        retryable: true,
    }
}

fn refused(code: &str) -> ProviderError {
    ProviderError::Refused {
        code: code.to_owned(),
        retryable: false,
    }
}
