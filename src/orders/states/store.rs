//! Every query by which staff and refunds change an order.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::text::Description;
use crate::orders::model::{Order, OrderPaymentStatus, OrderStatus};

/// Puts an order's states and the sum of what went back where its refunds say, guarded by the version it was read in.
pub(in crate::orders) async fn follow_refunds(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    to: OrderStatus,
    payment_status: OrderPaymentStatus,
    refunded: i64,
) -> Result<(), DbError> {
    sql("UPDATE orders SET status = $1, payment_status = $2, refunded_amount = $3, version = version + 1, updated_at = kassa_now($4)
         WHERE checkout_id = $5 AND id = $6 AND version = $7")
    .bind(to)
    .bind(payment_status)
    .bind(refunded)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.id)
    .bind(order.version)
    .exactly_one(tx.conn())
    .await
}

/// Marks an order as completed, for the first time or again.
pub(in crate::orders) async fn complete(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    to: OrderStatus,
) -> Result<(), DbError> {
    sql(
        "UPDATE orders SET status = $1, completed_at = coalesce(completed_at, kassa_now($2)), version = version + 1,
             updated_at = kassa_now($2)
         WHERE checkout_id = $3 AND id = $4 AND version = $5",
    )
    .bind(to)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.id)
    .bind(order.version)
    .exactly_one(tx.conn())
    .await
}

/// Keeps what staff note on an order.
pub(in crate::orders) async fn annotate(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    note: Option<&Description>,
    metadata: &serde_json::Value,
) -> Result<(), DbError> {
    sql("UPDATE orders SET note = $1, metadata = $2, updated_at = kassa_now($3) WHERE checkout_id = $4 AND id = $5")
        .bind(note)
        .bind(metadata)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(order)
        .exactly_one(tx.conn())
        .await
}
