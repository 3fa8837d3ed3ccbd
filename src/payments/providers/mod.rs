//! One file or folder per provider: its wire format, and nothing else of the product.

pub mod free;
pub mod stripe;
pub mod test;

use super::model::{Payment, ProviderKind};
use super::provider::{Capabilities, Started};

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
