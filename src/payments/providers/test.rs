//! The test provider: no money, no network; the buyer's page says how it ends. Test mode only.

use crate::payments::model::Payment;
use crate::payments::provider::{Capabilities, Outcome, Started};

/// Test mode only.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: true,
    only_nothing: false,
    minimums: &[],
};

/// Every test payment waits for its outcome. The reference is derived from the attempt, so a repeat is the same payment.
pub fn start(payment: &Payment) -> Started {
    Started {
        reference: format!("test_{}", payment.id),
        outcome: Outcome::Pending,
    }
}
