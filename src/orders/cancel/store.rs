//! Every query of deletion.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, SessionId};
use crate::kernel::text::Name;
use crate::orders::model::{DeletionReason, Order};

/// Locks the session of an order.
pub(in crate::orders) async fn lock_session(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("SELECT 1 FROM checkout_sessions WHERE checkout_id = $1
             AND id = (SELECT o.session_id FROM orders o WHERE o.checkout_id = $1 AND o.id = $2)
         FOR NO KEY UPDATE")
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Marks an order as deleted, guarded by the version it was read in.
pub(super) async fn delete(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    reason: DeletionReason,
    note: Option<&Name>,
) -> Result<(), DbError> {
    sql(
        "UPDATE orders SET status = 'deleted', payment_status = 'unpaid', deletion_reason = $1, deletion_note = $2,
             deleted_at = kassa_now($3), updated_at = kassa_now($3), version = version + 1
         WHERE checkout_id = $4 AND id = $5 AND status = 'not_paid' AND version = $6",
    )
    .bind(reason)
    .bind(note)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.id)
    .bind(order.version)
    .exactly_one(tx.conn())
    .await
}

/// Ends the session of a deleted order: nobody confirms or pays it any more.
pub(super) async fn end_session(tx: &Tx, checkout: CheckoutId, session: SessionId) -> Result<(), DbError> {
    sql("UPDATE checkout_sessions SET status = 'expired' WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(session)
        .exactly_one(tx.conn())
        .await
}

/// A buyer who is to be forgotten.
#[derive(Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::customers)]
pub(super) struct Leaving {
    /// The buyer.
    pub id: CustomerId,
    /// The address they have.
    pub email_folded: Option<String>,
}

/// A buyer of an order, or of what it was before it was confirmed again.
#[derive(Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::customers)]
struct Buyer {
    id: CustomerId,
}

/// Locks the buyers of an order and its revisions, so that no order of theirs is made meanwhile.
pub(super) async fn lock_customers(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<Vec<CustomerId>, DbError> {
    let rows: Vec<Buyer> = sql("SELECT id FROM customers WHERE checkout_id = $1 AND id IN (
             SELECT $2 UNION SELECT (r.order_row ->> 'customer_id')::uuid FROM order_revisions r
             WHERE r.checkout_id = $1 AND r.order_id = $3)
         ORDER BY id FOR UPDATE")
    .bind(checkout)
    .bind(order.customer_id)
    .bind(order.id)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The buyers of whom only deleted orders are left.
pub(super) async fn leaving(
    tx: &Tx,
    checkout: CheckoutId,
    customers: Vec<CustomerId>,
) -> Result<Vec<Leaving>, DbError> {
    sql(
        "SELECT c.id, c.email_folded FROM customers c WHERE c.checkout_id = $1 AND c.id = ANY($2) AND NOT EXISTS (
             SELECT 1 FROM orders o WHERE o.checkout_id = $1 AND o.customer_id = c.id AND o.status <> 'deleted')",
    )
    .bind(checkout)
    .bind(customers)
    .rows(tx.conn())
    .await
}

/// The visits of an address that ended without an order. Open ones are somebody who is here now.
pub(super) async fn ended_sessions(tx: &Tx, checkout: CheckoutId, address: &str) -> Result<Vec<SessionId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkout_sessions)]
    struct Row {
        id: SessionId,
    }
    let rows: Vec<Row> =
        sql("SELECT id FROM checkout_sessions WHERE checkout_id = $1 AND email IS NOT NULL AND kassa_fold(email) = kassa_fold($2)
             AND status = 'expired'")
            .bind(checkout)
            .bind(address)
            .rows(tx.conn())
            .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Whether the order or its session changed within a day, as long as answers to repeated requests are kept.
pub(super) async fn changed_within_a_day(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let found = sql(
        "SELECT 1 FROM orders o JOIN checkout_sessions s ON s.checkout_id = o.checkout_id AND s.id = o.session_id
         WHERE o.checkout_id = $1 AND o.id = $2 AND greatest(o.updated_at, s.updated_at) > kassa_now($3) - interval '25 hours'",
    )
    .bind(checkout)
    .bind(order)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    Ok(found > 0)
}
