//! Paytrail: the buyer is sent to its page; signed requests, signed answers, signed callbacks.
//!
//! Written to the strictest of what Paytrail publishes: the documentation, the OpenAPI file and the SDK disagree on lengths, ranges
//! and required fields. There is no idempotency in this API: a start that is repeated makes a second transaction that nobody is
//! sent to, and a refund whose answer was lost is never repeated.

mod ask;
mod inbound;
mod refund;
mod signature;
mod start;
mod wire;

use secrecy::SecretString;

pub use ask::ask;
pub use inbound::verify;
pub use refund::refund;
pub use start::start;

use super::super::provider::{Capabilities, PaymentFlow, RefundAbility};

/// Euros only, and amounts of at most eight digits.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: false,
    only_nothing: false,
    currencies: Some(&["EUR"]),
    minimums: &[("EUR", 1)],
    maximum: 99_999_998,
    maximums: &[],
    steps: &[],
    flow: PaymentFlow::Redirect,
    refund: RefundAbility::FullAndPartial,
    cancels: false,
    answers: true,
};

/// The groups of ways to pay that a buyer may choose beforehand.
pub const GROUPS: [&str; 4] = ["mobile", "bank", "creditcard", "credit"];

/// A merchant's account at Paytrail.
#[derive(Clone, Debug)]
pub struct Config {
    /// The number of the merchant.
    pub merchant_id: String,
    /// What signs requests, answers and callbacks.
    pub secret_key: SecretString,
}
