//! Bank transfer: the buyer is told where to send the money, and a person (or a bank's statement) says that it came.
//!
//! Nobody is called. The reference number is the order's number with its check digit: unique within the checkout, the same for every
//! attempt to pay the order, and short enough to be typed. Two checkouts that share an account have numbers of their own each, so
//! their payments are told apart by amount and payer, or the shops keep accounts of their own.

mod barcode;
mod epc;
mod iban;
mod reference;

use chrono::Days;

pub use barcode::{Reference, barcode};
pub use epc::epc_qr;
pub use iban::iban;
pub use reference::{finnish, is_finnish, is_rf, rf};

use crate::kernel::money::MAX_AMOUNT;
use crate::payments::provider::{
    Attempt, Capabilities, Handover, Instructions, Outcome, PaymentFlow, ProviderError, RefundAbility, Started,
};

/// Every currency: the buyer's bank changes it. Money goes back by hand.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: false,
    only_nothing: false,
    currencies: None,
    minimums: &[],
    maximum: MAX_AMOUNT,
    maximums: &[],
    steps: &[],
    flow: PaymentFlow::Instructions,
    refund: RefundAbility::None,
    cancels: false,
    answers: false,
};

/// A merchant's bank account.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who gets the money.
    pub payee: String,
    /// Where, in its normal form.
    pub iban: String,
    /// By which bank.
    pub bic: Option<String>,
    /// Within how many days of the order.
    pub due_days: i32,
    /// What the merchant says to it.
    pub instructions: Option<String>,
}

/// Where to send the money, by when, and what to write.
pub fn start(config: &Config, attempt: &Attempt) -> Result<Started, ProviderError> {
    let refused = |code: &str| ProviderError::Refused {
        code: code.to_owned(),
        retryable: false,
    };
    let account = iban(&config.iban).ok_or_else(|| refused("account_invalid"))?;
    let reference = finnish(&attempt.number.to_string()).ok_or_else(|| refused("number_not_supported"))?;
    let rf_reference = rf(&reference).ok_or_else(|| refused("number_not_supported"))?;
    let days = Days::new(u64::try_from(config.due_days).unwrap_or_default());
    let due = attempt.today.checked_add_days(days).unwrap_or(attempt.today);
    let euros = attempt.currency.code() == "EUR";
    let national = Reference::Finnish(&reference);
    Ok(Started {
        // What a bank calls it, and the attempt, because an order may be tried this way more than once.
        reference: format!("{reference}_{}", attempt.payment),
        outcome: Outcome::Pending,
        handover: Some(Handover::Instructions(Instructions {
            payee: config.payee.clone(),
            barcode: euros
                .then(|| barcode(&account, attempt.amount, national, Some(due)))
                .flatten(),
            epc_qr: euros
                .then(|| {
                    epc_qr(
                        &config.payee,
                        &account,
                        config.bic.as_deref(),
                        attempt.amount,
                        &rf_reference,
                    )
                })
                .flatten(),
            iban: account,
            bic: config.bic.clone(),
            reference,
            rf_reference,
            due_date: due.to_string(),
            text: config.instructions.clone(),
        })),
    })
}

#[cfg(test)]
mod tests;
