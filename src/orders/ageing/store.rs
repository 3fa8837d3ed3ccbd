//! Every query on orders that have waited for their money too long. Each shop has its own patience, so each is looked at by itself:
//! one step into an index that holds nothing but unpaid orders.

use diesel::QueryableByName;

use crate::db::error::DbError;
use crate::db::schema::orders;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::payments::model::ProviderKind;

/// An order that something is to be done about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
#[diesel(table_name = orders)]
pub struct Due {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// The order.
    pub id: OrderId,
}

/// Up to fifty orders whose time is over. One with an attempt that its provider may still decide is left out until that provider has
/// said within the last day that it is undecided: while it cannot be reached, the money may have come.
pub async fn overdue(conn: &Conn, offset_ms: i64) -> Result<Vec<Due>, DbError> {
    sql("SELECT due.checkout_id, due.id FROM checkouts c CROSS JOIN LATERAL (
             SELECT o.checkout_id, o.id FROM orders o
             WHERE o.checkout_id = c.id AND o.status = 'not_paid'
                 AND o.created_at <= kassa_now($1) - make_interval(days => c.unpaid_order_ttl_days)
                 AND NOT EXISTS (
                     SELECT 1 FROM payments p WHERE p.checkout_id = o.checkout_id AND p.order_id = o.id
                         AND p.status IN ('created', 'pending') AND p.provider = ANY($2)
                         AND (p.answered_at IS NULL OR p.answered_at < kassa_now($1) - interval '1 day'))
             ORDER BY o.created_at LIMIT 50) due
         LIMIT 50")
    .bind(offset_ms)
    .bind(ProviderKind::that(|can| can.answers))
    .rows(conn)
    .await
}

/// The same question about one order, asked again under its lock.
pub(super) async fn is_overdue(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM orders o JOIN checkouts c ON c.id = o.checkout_id
         WHERE o.checkout_id = $1 AND o.id = $2 AND o.status = 'not_paid'
             AND o.created_at <= kassa_now($3) - make_interval(days => c.unpaid_order_ttl_days)
             AND NOT EXISTS (
                 SELECT 1 FROM payments p WHERE p.checkout_id = o.checkout_id AND p.order_id = o.id
                     AND p.status IN ('created', 'pending') AND p.provider = ANY($4)
                     AND (p.answered_at IS NULL OR p.answered_at < kassa_now($3) - interval '1 day'))")
    .bind(checkout)
    .bind(order)
    .bind(tx.offset_ms())
    .bind(ProviderKind::that(|can| can.answers))
    .execute(tx.conn())
    .await?;
    Ok(found > 0)
}

/// Up to fifty orders whose buyers are to be reminded. What has been due for a week is not mailed about any more: a shop that
/// switches reminders on does not write to everybody who ever left.
pub async fn unreminded(conn: &Conn, offset_ms: i64) -> Result<Vec<Due>, DbError> {
    sql("SELECT due.checkout_id, due.id FROM checkouts c CROSS JOIN LATERAL (
             SELECT o.checkout_id, o.id FROM orders o
             WHERE o.checkout_id = c.id AND o.status = 'not_paid' AND o.reminded_at IS NULL AND o.email IS NOT NULL
                 AND o.created_at <= kassa_now($1) - make_interval(hours => c.payment_reminder_after_hours)
                 AND o.created_at > kassa_now($1) - make_interval(days => 7, hours => c.payment_reminder_after_hours)
                 AND o.created_at > kassa_now($1) - make_interval(days => c.unpaid_order_ttl_days)
             ORDER BY o.created_at LIMIT 50) due
         WHERE c.payment_reminder_enabled AND c.deleted_at IS NULL
         LIMIT 50")
    .bind(offset_ms)
    .rows(conn)
    .await
}

/// Marks an order as reminded; false when it was, or when there is nobody to remind.
pub(super) async fn mark_reminded(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let marked = sql("UPDATE orders SET reminded_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3 AND status = 'not_paid' AND reminded_at IS NULL AND email IS NOT NULL")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await?;
    Ok(marked == 1)
}
