//! The test provider: no money, no network; the buyer's page says how it ends. Test mode only.

use crate::kernel::money::MAX_AMOUNT;
use crate::payments::model::Payment;
use crate::payments::provider::{Capabilities, Outcome, PaymentFlow, RefundAbility, Started};

/// Test mode only. In forints it takes no less than card payments do there, so that a page can be tried with a way to pay that is shown
/// and cannot be used.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: true,
    only_nothing: false,
    currencies: None,
    minimums: &[("HUF", 17_500)],
    maximum: MAX_AMOUNT,
    maximums: &[],
    steps: &[],
    flow: PaymentFlow::None,
    refund: RefundAbility::FullAndPartial,
    cancels: false,
    answers: false,
};

/// Every test payment waits for its outcome. The reference is derived from the attempt, so a repeat is the same payment.
pub fn start(payment: &Payment) -> Started {
    Started {
        reference: format!("test_{}", payment.id),
        outcome: Outcome::Pending,
        handover: None,
    }
}
