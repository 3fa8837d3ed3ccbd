//! Every query on tokens and on requests for them.

use super::model::{Request, Way};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrderAccessId, OrderId};

/// How long a token opens its order, in milliseconds: 30 days.
const LIFETIME_MS: i64 = 30 * 24 * 3_600_000;

/// A token to be kept.
pub(super) struct NewToken {
    pub id: OrderAccessId,
    pub order: OrderId,
    pub hash: [u8; 32],
    /// Somebody asked for it.
    pub requested: bool,
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, token: &NewToken) -> Result<(), DbError> {
    sql(
        "INSERT INTO order_access (checkout_id, id, order_id, token_hash, requested, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, kassa_now($6 + $7), kassa_now($7))",
    )
    .bind(checkout)
    .bind(token.id)
    .bind(token.order)
    .bind(token.hash.to_vec())
    .bind(token.requested)
    .bind(LIFETIME_MS)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Where a token leads that has not ended and was not revoked.
pub async fn find(conn: &Conn, offset_ms: i64, checkout: CheckoutId, hash: &[u8; 32]) -> Result<Option<Way>, DbError> {
    sql("SELECT o.session_id, o.status FROM order_access a JOIN orders o ON o.checkout_id = a.checkout_id AND o.id = a.order_id
         WHERE a.checkout_id = $1 AND a.token_hash = $2 AND a.revoked_at IS NULL AND a.expires_at > kassa_now($3)")
    .bind(checkout)
    .bind(hash.as_slice())
    .bind(offset_ms)
    .row(conn)
    .await
}

/// Ends every token of an order.
pub async fn revoke(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("UPDATE order_access SET revoked_at = kassa_now($1) WHERE checkout_id = $2 AND order_id = $3 AND revoked_at IS NULL")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(order)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Whether a token of the order was asked for and sent within so many milliseconds.
pub(super) async fn was_asked_within(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    within_ms: i64,
) -> Result<bool, DbError> {
    let found = sql(
        "SELECT 1 FROM order_access WHERE checkout_id = $1 AND order_id = $2 AND requested AND created_at > kassa_now($3 - $4) LIMIT 1",
    )
    .bind(checkout)
    .bind(order)
    .bind(tx.offset_ms())
    .bind(within_ms)
    .execute(tx.conn())
    .await?;
    Ok(found > 0)
}

pub(super) async fn insert_request(
    tx: &Tx,
    checkout: CheckoutId,
    id: OrderAccessId,
    request: &Request,
) -> Result<(), DbError> {
    sql(
        "INSERT INTO order_access_requests (checkout_id, id, number, test_mode, email_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, kassa_now($6))",
    )
    .bind(checkout)
    .bind(id)
    .bind(request.number)
    .bind(request.test_mode)
    .bind(request.email_hash.as_slice())
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes a request away to answer it.
pub(super) async fn take_request(tx: &Tx, checkout: CheckoutId, id: OrderAccessId) -> Result<Option<Request>, DbError> {
    sql("DELETE FROM order_access_requests WHERE checkout_id = $1 AND id = $2 RETURNING number, test_mode, email_hash")
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// The order of a number.
pub(super) async fn order_of_number(
    tx: &Tx,
    checkout: CheckoutId,
    test_mode: bool,
    number: i64,
) -> Result<Option<OrderId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::orders)]
    struct Found {
        id: OrderId,
    }
    let row: Option<Found> = sql("SELECT id FROM orders WHERE checkout_id = $1 AND test_mode = $2 AND number = $3")
        .bind(checkout)
        .bind(test_mode)
        .bind(number)
        .row(tx.conn())
        .await?;
    Ok(row.map(|row| row.id))
}

/// Forgets up to 500 tokens whose time is over; returns how many.
pub async fn forget_ended(tx: &Tx) -> Result<usize, DbError> {
    sql("DELETE FROM order_access WHERE (checkout_id, id) IN (
             SELECT checkout_id, id FROM order_access WHERE expires_at <= kassa_now($1)
             ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED
         )")
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
}
