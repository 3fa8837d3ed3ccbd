//! The port: what every provider can be asked, and what it says it can do.

use super::model::{Payment, ProviderKind};
use super::providers::{free, test};
use crate::kernel::ids::PaymentId;

/// What a provider can do, declared and not discovered.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Usable in live mode.
    pub live: bool,
    /// Usable in test mode.
    pub test: bool,
    /// Takes the payment of nothing, and no other.
    pub only_nothing: bool,
    /// The least it takes, by currency.
    pub minimums: &'static [(&'static str, i64)],
}

/// What happened to an attempt, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At the provider, undecided.
    Pending,
    /// The money is there: how much, in minor units.
    Succeeded {
        /// What came.
        received: i64,
    },
    /// The provider said no.
    Failed {
        /// Why, stable.
        code: String,
        /// Whether another attempt may succeed.
        retryable: bool,
    },
    /// Taken back before it was decided.
    Cancelled,
}

/// What a provider answered when asked to start a payment.
#[derive(Clone, Debug)]
pub struct Started {
    /// What the provider calls it.
    pub reference: String,
    /// Where it stands.
    pub outcome: Outcome,
}

/// News of one attempt, from a callback, a return, a poll or the test route.
#[derive(Clone, Debug)]
pub struct News {
    /// The attempt it names.
    pub payment: PaymentId,
    /// What happened.
    pub outcome: Outcome,
}

impl ProviderKind {
    /// Every provider, in the order buyers see them.
    pub const EVERY: &'static [Self] = &[Self::Test, Self::Free];

    /// What it can do.
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Test => test::CAPABILITIES,
            Self::Free => free::CAPABILITIES,
        }
    }

    /// Asks the provider to start a payment. Called with no transaction open; the attempt's id is the idempotency key.
    pub async fn start(self, payment: &Payment) -> Started {
        match self {
            Self::Test => test::start(payment),
            Self::Free => free::start(payment),
        }
    }
}
