//! The free path: there is nothing to pay, so nobody is asked, and the order is completed as any other is.

use crate::kernel::money::MAX_AMOUNT;
use crate::payments::model::Payment;
use crate::payments::provider::{Capabilities, Outcome, PaymentFlow, RefundAbility, Started};

/// Every mode, and a total of nothing only.
pub const CAPABILITIES: Capabilities = Capabilities {
    live: true,
    test: true,
    only_nothing: true,
    currencies: None,
    minimums: &[],
    maximum: MAX_AMOUNT,
    maximums: &[],
    steps: &[],
    flow: PaymentFlow::None,
    refund: RefundAbility::FullAndPartial,
    cancels: false,
    answers: false,
};

/// Paid at once.
pub fn start(payment: &Payment) -> Started {
    Started {
        reference: format!("free_{}", payment.id),
        outcome: Outcome::Succeeded {
            received: payment.amount,
            currency: payment.currency,
        },
        handover: None,
    }
}
