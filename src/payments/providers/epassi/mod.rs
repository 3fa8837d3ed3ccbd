//! Epassi: employee benefits. The browser posts a form there, and posts the confirmation back.
//!
//! There is no public document of this interface: what is here is what three public integrations agree on. Its MAC is a plain hash
//! with the key at the end, and says neither who made it nor for what. So a confirmation counts only if every part has exactly the
//! form that such a part has: otherwise the MAC of our own form, which the buyer has, would pass for one.

mod amount;
mod mac;

use secrecy::SecretString;

use self::amount::{read, written};
use self::mac::{is_of, mac};
use super::query::{only, pairs};
use crate::kernel::ids::PaymentId;
use crate::payments::provider::{
    About, Attempt, AttemptName, Capabilities, Forged, Handover, Inbound, Notice, Outcome, PaymentFlow, ProviderError,
    RefundAbility, Started,
};

/// Euros only. Refunds: none, because there is no call for it. The merchant can take a whole payment back in Epassi's own portal
/// within a week; a capability that nobody but a person can use would only mislead who reads it.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: false,
    only_nothing: false,
    currencies: Some(&["EUR"]),
    minimums: &[("EUR", 1)],
    maximum: 99_999_999,
    maximums: &[],
    steps: &[],
    flow: PaymentFlow::FormPost,
    refund: RefundAbility::None,
    cancels: false,
    answers: false,
};

/// A merchant's account at Epassi.
#[derive(Clone, Debug)]
pub struct Config {
    /// The number of the merchant.
    pub site: String,
    /// What the hashes are made with.
    pub mac_key: SecretString,
    /// The employee benefits that the merchant takes.
    pub benefits: Vec<String>,
}

/// The form that the browser posts to `action`. Nobody is called.
///
/// The buyer comes back by a POST to the success address and by a GET to the other; the callback gets the same POST.
pub fn start(action: &str, config: &Config, attempt: &Attempt) -> Result<Started, ProviderError> {
    let refused = |code: &str| ProviderError::Refused {
        code: code.to_owned(),
        retryable: false,
    };
    if attempt.currency.code() != "EUR" {
        return Err(refused("currency_not_supported"));
    }
    if !(1..=CAPABILITIES.maximum).contains(&attempt.amount) {
        return Err(refused("amount_not_supported"));
    }
    let stamp = attempt.payment.to_string();
    let amount = written(attempt.amount);
    let mac = mac(&[&stamp, &config.site, &amount], &config.mac_key);
    let fields = [
        ("STAMP", stamp.as_str()),
        ("SITE", &config.site),
        ("AMOUNT", &amount),
        ("RETURN", &attempt.urls.success),
        ("CANCEL", &attempt.urls.cancel),
        ("REJECT", &attempt.urls.cancel),
        ("NOTIFY_URL", &attempt.urls.callback),
        ("MAC", &mac),
    ];
    Ok(Started {
        reference: stamp.clone(),
        outcome: Outcome::Pending,
        handover: Some(Handover::Form {
            action: action.to_owned(),
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }),
    })
}

/// What a posted confirmation says. A GET is no news: it is a browser whose buyer cancelled or was rejected, nothing in it is signed,
/// and anybody can say so. No payment moves for it; the buyer may choose another way.
pub fn verify(config: &Config, inbound: Inbound<'_>) -> Result<Vec<Notice>, Forged> {
    if !inbound.post {
        return Ok(Vec::new());
    }
    let fields = std::str::from_utf8(inbound.body).map_err(|_| Forged)?;
    let fields = pairs(fields).ok_or(Forged)?;
    let said = |name| only(&fields, name).ok_or(Forged);
    let (stamp, paid, mac) = (said("STAMP")?, said("PAID")?, said("MAC")?);
    let payment: PaymentId = stamp.parse().map_err(|_| Forged)?;
    let received = read(paid).ok_or(Forged)?;
    if !is_of(&[stamp, paid], &config.mac_key, mac) {
        return Err(Forged);
    }
    Ok(vec![Notice {
        // The MAC is a digest of all that it says.
        event: mac.to_owned(),
        kind: "payment.confirmed".to_owned(),
        about: About::Payment {
            attempt: AttemptName::Id(payment),
            outcome: Outcome::Succeeded {
                received,
                currency: "EUR".parse().map_err(|_| Forged)?,
            },
        },
    }])
}

#[cfg(test)]
mod tests;
