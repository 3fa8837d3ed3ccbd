//! What is kept apart of the money of an order.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::payments::model::{Payment, PaymentStatus};
use crate::payments::refunds::store::room;
use crate::payments::store as attempts;

/// A payment that came, and what of it is kept apart: neither the order's, nor given back, nor on its way back.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub payment: Payment,
    /// In minor units.
    pub left: i64,
}

impl Kept {
    /// Whether a person saw this money, and not its provider.
    pub fn is_said_by_a_person(&self) -> bool {
        self.payment.received_at.is_some()
    }
}

/// Every payment of the order that came; locks them. The order is locked before.
pub(super) async fn kept_of_order(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<Vec<Kept>, DbError> {
    let mut all = Vec::new();
    for payment in attempts::of_order(tx.conn(), checkout, order).await? {
        if payment.status != PaymentStatus::Succeeded {
            continue;
        }
        let room = room(tx, checkout, payment.id).await?.ok_or(DbError::Stale)?;
        all.push(Kept {
            payment,
            left: room.unallocated,
        });
    }
    Ok(all)
}
