//! Every query on reasons to look at an order.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};

use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::text::Description;
use crate::orders::model::AttentionCode;

/// Raises a reason; false when it is raised, nobody has acknowledged it, and it would stay no longer than it does.
pub(super) async fn raise(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    code: AttentionCode,
    stays: bool,
) -> Result<bool, DbError> {
    let raised = sql(
        "INSERT INTO order_attention AS a (checkout_id, order_id, code, stays, since) VALUES ($1, $2, $3, $4, kassa_now($5))
         ON CONFLICT (checkout_id, order_id, code) DO UPDATE SET stays = excluded.stays, acknowledged_at = NULL, note = NULL,
             since = CASE WHEN a.acknowledged_at IS NULL THEN a.since ELSE excluded.since END
         WHERE a.acknowledged_at IS NOT NULL OR (excluded.stays AND NOT a.stays)",
    )
    .bind(checkout)
    .bind(order)
    .bind(code)
    .bind(stays)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    Ok(raised == 1)
}

/// Takes a reason away; false when there is none, or it stays.
pub(super) async fn end(tx: &Tx, checkout: CheckoutId, order: OrderId, code: AttentionCode) -> Result<bool, DbError> {
    let ended = sql("DELETE FROM order_attention WHERE checkout_id = $1 AND order_id = $2 AND code = $3 AND NOT stays")
        .bind(checkout)
        .bind(order)
        .bind(code)
        .execute(tx.conn())
        .await?;
    Ok(ended == 1)
}

/// Marks a reason as seen to; false when there is none that waits for it.
pub(super) async fn acknowledge(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    code: AttentionCode,
    note: Option<&Description>,
) -> Result<bool, DbError> {
    let seen = sql("UPDATE order_attention SET acknowledged_at = kassa_now($1), note = $2
         WHERE checkout_id = $3 AND order_id = $4 AND code = $5 AND acknowledged_at IS NULL")
    .bind(tx.offset_ms())
    .bind(note)
    .bind(checkout)
    .bind(order)
    .bind(code)
    .execute(tx.conn())
    .await?;
    Ok(seen == 1)
}

/// Makes the order's flag what its reasons say.
pub(super) async fn set_flag(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("UPDATE orders o SET updated_at = kassa_now($1), requires_attention = EXISTS (
             SELECT 1 FROM order_attention a WHERE a.checkout_id = o.checkout_id AND a.order_id = o.id AND a.acknowledged_at IS NULL)
         WHERE o.checkout_id = $2 AND o.id = $3")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .exactly_one(tx.conn())
    .await
}

/// How many orders of a mode somebody should look at.
pub(super) async fn count(conn: &Conn, checkout: CheckoutId, test_mode: bool) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let row: Option<Row> =
        sql("SELECT count(*) AS count FROM orders WHERE checkout_id = $1 AND test_mode = $2 AND requires_attention")
            .bind(checkout)
            .bind(test_mode)
            .row(conn)
            .await?;
    Ok(row.map_or(0, |row| row.count))
}

/// An order that is late.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub(super) struct Late {
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    #[diesel(sql_type = SqlUuid)]
    pub order_id: OrderId,
}

/// Up to fifty orders that were paid too long ago, are not completed, and not raised yet. Each shop has its own patience.
pub(super) async fn incomplete(conn: &Conn, offset_ms: i64) -> Result<Vec<Late>, DbError> {
    sql(
        "SELECT late.checkout_id, late.id AS order_id FROM checkouts c CROSS JOIN LATERAL (
             SELECT o.checkout_id, o.id FROM orders o
             WHERE o.checkout_id = c.id AND o.status = 'paid'
                 AND o.paid_at <= kassa_now($1) - make_interval(secs => c.attention_after_seconds)
                 AND NOT EXISTS (SELECT 1 FROM order_attention a
                     WHERE a.checkout_id = o.checkout_id AND a.order_id = o.id AND a.code = 'actions_incomplete')
             ORDER BY o.paid_at LIMIT 50) late
         LIMIT 50",
    )
    .bind(offset_ms)
    .rows(conn)
    .await
}
