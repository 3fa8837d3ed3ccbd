//! What Stripe's objects say in our words. Read leniently: by field, whatever else is there, and a thing that is named may stand there
//! as its id or whole, because that depends on the account's settings and the version of the API.

use std::str::FromStr;

use serde_json::Value;

use super::amounts::from_stripe;
use super::calls::word;
use crate::kernel::money::Currency;
use crate::payments::provider::{AttemptName, Outcome, RefundState};

/// A field as text.
pub fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object[field].as_str().filter(|text| !text.is_empty())
}

/// The id of a thing that is named by a field.
pub fn id<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    text(object, field).or_else(|| text(&object[field], "id"))
}

/// One of our own ids, from what we told Stripe of an object.
pub fn ours<T: FromStr>(object: &Value, field: &str) -> Option<T> {
    text(&object["metadata"], field)?.parse().ok()
}

/// Which attempt an object is of: what we said of it, or the first of these that it names.
pub fn attempt(object: &Value, fields: &[&str]) -> Option<AttemptName> {
    let said = ours(object, "attempt_id").map(AttemptName::Id);
    said.or_else(|| {
        let named = fields.iter().find_map(|field| id(object, field));
        named.map(|reference| AttemptName::Reference(reference.to_owned()))
    })
}

/// How a payment intent stands. None when it cannot be said: a status or a currency that nobody knows.
pub fn intent(object: &Value) -> Option<Outcome> {
    match text(object, "status")? {
        "requires_payment_method" if object["last_payment_error"].is_object() => Some(failed(object)),
        "requires_payment_method" | "requires_confirmation" | "requires_action" | "processing" | "requires_capture" => {
            Some(Outcome::Pending)
        }
        "canceled" => Some(Outcome::Cancelled),
        "succeeded" => money(object, &["amount_received", "amount"]),
        _ => None,
    }
}

/// Why the last try to pay an intent failed. The intent can be paid still: with another card, say.
pub fn failed(object: &Value) -> Outcome {
    let error = &object["last_payment_error"];
    let code = text(error, "decline_code").or_else(|| text(error, "code"));
    Outcome::Failed {
        code: code.map_or_else(|| "payment_failed".to_owned(), word),
        retryable: true,
    }
}

/// The money that came: the first of these fields that is there.
pub fn money(object: &Value, fields: &[&str]) -> Option<Outcome> {
    let currency: Currency = text(object, "currency")?.to_ascii_uppercase().parse().ok()?;
    let amount = fields.iter().find_map(|field| object[*field].as_i64())?;
    Some(Outcome::Succeeded {
        received: from_stripe(amount, currency)?,
        currency,
    })
}

/// How a refund stands. A refund without a status is one of before there were any: those had succeeded.
pub fn refund(object: &Value) -> RefundState {
    let reason = |other: &str| text(object, "failure_reason").map_or_else(|| other.to_owned(), word);
    match text(object, "status") {
        Some("succeeded") | None => RefundState::Succeeded,
        Some("failed") => RefundState::Failed { code: reason("failed") },
        Some("canceled") => RefundState::Failed {
            code: reason("cancelled"),
        },
        Some(_) => RefundState::Pending,
    }
}
