//! Every query by which staff and refunds change an order.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, LineId, OrderId};
use crate::kernel::text::Description;
use crate::orders::model::{FulfillmentStatus, Order, OrderPaymentStatus, OrderStatus};

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

/// How many lines an order has, and how many of them are delivered.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
pub(in crate::orders) struct Delivered {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub lines: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub delivered: i64,
}

impl Delivered {
    /// Where that leaves the order.
    pub(in crate::orders) const fn status(self) -> FulfillmentStatus {
        match self.delivered {
            0 => FulfillmentStatus::NotDelivered,
            some if some < self.lines => FulfillmentStatus::PartiallyDelivered,
            _ => FulfillmentStatus::Delivered,
        }
    }
}

/// Delivers the lines of an order that is paid, but for those that have actions of their own to be done.
pub(in crate::orders) async fn deliver_lines(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
) -> Result<Delivered, DbError> {
    let row: Option<Delivered> = sql("WITH done AS (
             UPDATE order_lines l SET fulfillment_status = 'delivered'
             WHERE l.checkout_id = $1 AND l.order_id = $2 AND NOT EXISTS (SELECT 1 FROM action_runs r
                 WHERE r.checkout_id = l.checkout_id AND r.order_line_id = l.id AND r.status <> 'succeeded'
                     AND r.revision = (SELECT o.revision FROM orders o WHERE o.checkout_id = l.checkout_id AND o.id = l.order_id))
             RETURNING 1
         )
         SELECT count(*) AS lines, (SELECT count(*) FROM done) AS delivered FROM order_lines WHERE checkout_id = $1 AND order_id = $2")
    .bind(checkout)
    .bind(order)
    .row(tx.conn())
    .await?;
    row.ok_or(DbError::Stale)
}

/// Delivers a line if all actions of its own have succeeded; false when they have not, or it was delivered before.
pub(in crate::orders) async fn deliver_line(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    line: LineId,
) -> Result<bool, DbError> {
    let delivered = sql("UPDATE order_lines l SET fulfillment_status = 'delivered'
         WHERE l.checkout_id = $1 AND l.order_id = $2 AND l.id = $3 AND l.fulfillment_status = 'not_delivered' AND NOT EXISTS (
             SELECT 1 FROM action_runs r WHERE r.checkout_id = l.checkout_id AND r.order_line_id = l.id AND r.revokes IS NULL
                 AND r.status <> 'succeeded' AND r.revision = (SELECT o.revision FROM orders o WHERE o.checkout_id = l.checkout_id AND o.id = l.order_id))")
    .bind(checkout)
    .bind(order)
    .bind(line)
    .execute(tx.conn())
    .await?;
    Ok(delivered == 1)
}

/// Where the delivery of an order stands, by its lines.
pub(in crate::orders) async fn fulfillment(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
) -> Result<FulfillmentStatus, DbError> {
    let row: Option<Delivered> = sql(
        "SELECT count(*) AS lines, count(*) FILTER (WHERE fulfillment_status = 'delivered') AS delivered
         FROM order_lines WHERE checkout_id = $1 AND order_id = $2",
    )
    .bind(checkout)
    .bind(order)
    .row(tx.conn())
    .await?;
    Ok(row.ok_or(DbError::Stale)?.status())
}

/// What of an order's total was let go when staff took less money for it, in minor units.
pub(in crate::orders) async fn unpaid(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<i64, DbError> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        unpaid: i64,
    }
    let row: Option<Row> = sql("SELECT coalesce(sum(unpaid_amount), 0)::bigint AS unpaid FROM order_lines WHERE checkout_id = $1 AND order_id = $2")
        .bind(checkout)
        .bind(order)
        .row(tx.conn())
        .await?;
    Ok(row.map_or(0, |row| row.unpaid))
}

/// What a line of an order costs, and what of it was let go.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::order_lines)]
pub(in crate::orders) struct Share {
    pub id: LineId,
    pub total: i64,
    pub unpaid_amount: i64,
}

/// Locks the lines of an order and reads what was let go of each.
pub(in crate::orders) async fn lock_shares(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
) -> Result<Vec<Share>, DbError> {
    sql(
        "SELECT id, total, unpaid_amount FROM order_lines WHERE checkout_id = $1 AND order_id = $2 ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(checkout)
    .bind(order)
    .rows(tx.conn())
    .await
}

/// Lets go of more of a line's total, or, with a negative amount, of less.
pub(in crate::orders) async fn let_go(tx: &Tx, checkout: CheckoutId, line: LineId, amount: i64) -> Result<(), DbError> {
    sql("UPDATE order_lines SET unpaid_amount = unpaid_amount + $1 WHERE checkout_id = $2 AND id = $3")
        .bind(amount)
        .bind(checkout)
        .bind(line)
        .exactly_one(tx.conn())
        .await
}
