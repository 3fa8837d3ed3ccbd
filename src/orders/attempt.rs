//! Attempts to pay an order, one after another. The caller has locked the order.

use futures_util::try_join;

use super::model::Order;
use super::place::{attempt, start_job};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, JobKind};
use crate::kernel::ids::CheckoutId;
use crate::payments;
use crate::payments::model::{Payment, Way};
use crate::payments::start::LEASE_MS;

/// Writes another attempt in the place of the open one. Its first call to the provider belongs to this caller.
pub async fn another(tx: &Tx, checkout: CheckoutId, order: &Order, way: &Way) -> Result<Payment, DbError> {
    payments::close::close_open(tx, checkout, order.id, None).await?;
    let mut payment = attempt(tx, order, way);
    let now = tx.clock().now();
    (payment.created_at, payment.updated_at) = (now, now);
    try_join!(
        payments::store::insert(tx, checkout, &payment, order.test_mode, LEASE_MS),
        jobs::enqueue_as(
            tx,
            checkout,
            start_job(payment.id),
            JobKind::StartPayment,
            payment.id.uuid(),
            LEASE_MS
        ),
    )?;
    Ok(payment)
}
