//! Every query on licenses.

use super::model::{Fresh, License, Place};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, LicenseId, LicenseKeyId, LineId, OrderId};

/// The licenses of an order, by line and unit.
pub async fn of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<License>, DbError> {
    sql("SELECT id, order_id, order_line_id, product_id, run_id, position, content, key_id, issued_at, mailed_at, revoked_at, version, test_mode
         FROM licenses WHERE checkout_id = $1 AND order_id = $2 ORDER BY order_line_id, position")
        .bind(checkout)
        .bind(order)
        .rows(conn)
        .await
}

/// Writes licenses of a line, from unit `first` on; returns them.
pub async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    place: Place,
    first: i32,
    fresh: &[Fresh],
) -> Result<Vec<License>, DbError> {
    let ids: Vec<LicenseId> = fresh.iter().map(|_| LicenseId::generate(tx.clock())).collect();
    let positions: Vec<i32> = (first..).take(fresh.len()).collect();
    let contents: Vec<String> = fresh.iter().map(|one| one.content.clone()).collect();
    let keys: Vec<Option<LicenseKeyId>> = fresh.iter().map(|one| one.key).collect();
    sql("INSERT INTO licenses (checkout_id, order_id, order_line_id, product_id, run_id, test_mode, issued_at, id, position, content, key_id)
         SELECT $1, $2, $3, $4, $5, $6, kassa_now($7), f.id, f.position, f.content, f.key_id
         FROM unnest($8::uuid[], $9::integer[], $10::text[], $11::uuid[]) f(id, position, content, key_id)
         RETURNING id, order_id, order_line_id, product_id, run_id, position, content, key_id, issued_at, mailed_at, revoked_at, version, test_mode")
        .bind(checkout)
        .bind(place.order)
        .bind(place.line)
        .bind(place.product)
        .bind(place.run)
        .bind(place.test_mode)
        .bind(tx.offset_ms())
        .bind(ids)
        .bind(positions)
        .bind(contents)
        .bind(keys)
        .rows(tx.conn())
        .await
}

/// Takes back every license of a line; returns those that held until now.
pub async fn revoke(tx: &Tx, checkout: CheckoutId, order: OrderId, line: LineId) -> Result<Vec<License>, DbError> {
    sql("UPDATE licenses SET revoked_at = kassa_now($1), version = version + 1
         WHERE checkout_id = $2 AND order_id = $3 AND order_line_id = $4 AND revoked_at IS NULL
         RETURNING id, order_id, order_line_id, product_id, run_id, position, content, key_id, issued_at, mailed_at, revoked_at, version, test_mode")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(order)
        .bind(line)
        .rows(tx.conn())
        .await
}

/// Gives back every license of a line that was taken back; returns those.
pub async fn reissue(tx: &Tx, checkout: CheckoutId, order: OrderId, line: LineId) -> Result<Vec<License>, DbError> {
    sql("UPDATE licenses SET revoked_at = NULL, version = version + 1
         WHERE checkout_id = $1 AND order_id = $2 AND order_line_id = $3 AND revoked_at IS NOT NULL
         RETURNING id, order_id, order_line_id, product_id, run_id, position, content, key_id, issued_at, mailed_at, revoked_at, version, test_mode")
        .bind(checkout)
        .bind(order)
        .bind(line)
        .rows(tx.conn())
        .await
}

/// Notes that the licenses of a line were mailed, the first time.
pub async fn set_mailed(tx: &Tx, checkout: CheckoutId, order: OrderId, line: LineId) -> Result<(), DbError> {
    sql("UPDATE licenses SET mailed_at = kassa_now($1), version = version + 1
         WHERE checkout_id = $2 AND order_id = $3 AND order_line_id = $4 AND mailed_at IS NULL")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .bind(line)
    .execute(tx.conn())
    .await
    .map(drop)
}
