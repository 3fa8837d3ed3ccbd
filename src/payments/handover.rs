//! What a buyer needs to pay, kept sealed: who has it may pay in the buyer's place, or read a client secret.

use super::model::{Payment, PaymentStatus};
use super::provider::Handover;
use super::views::BuyerPaymentView;
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::kernel::secret::Keyring;

/// The row it is bound to.
fn place(checkout: CheckoutId, payment: PaymentId) -> String {
    format!("{checkout}/payments.handover/{payment}")
}

/// Seals it for an attempt's row.
pub fn seal(keys: &Keyring, checkout: CheckoutId, payment: PaymentId, handover: &Handover) -> Vec<u8> {
    let plain = serde_json::to_vec(handover).unwrap_or_default();
    keys.seal(&place(checkout, payment), &plain)
}

/// Opens it while the attempt is open; what no key opens any more is not shown.
pub fn open(keys: &Keyring, checkout: CheckoutId, payment: &Payment) -> Option<Handover> {
    let sealed = payment.handover.as_ref()?;
    // A payment that failed at Stripe can be tried again with the same secret.
    if !payment.status.is_open() && payment.status != PaymentStatus::Failed {
        return None;
    }
    let plain = keys.open(&place(checkout, payment.id), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// The attempt for its buyer's page.
pub fn for_buyer(keys: &Keyring, checkout: CheckoutId, payment: Payment) -> BuyerPaymentView {
    let handover = open(keys, checkout, &payment);
    BuyerPaymentView::of(payment, handover)
}
