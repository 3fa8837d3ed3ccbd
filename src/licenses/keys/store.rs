//! Every query on pools of keys.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;

use super::model::{LicenseKey, Taken};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, LicenseKeyId, LineId, ProductId};
use crate::kernel::page::{Page, PageRequest};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A page of keys of a product, newest first.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    product: ProductId,
    page: &PageRequest,
) -> Result<Page<LicenseKey>, DbError> {
    let rows = sql("SELECT id, key, order_line_id, taken_at, created_at FROM license_keys
         WHERE checkout_id = $1 AND product_id = $2
             AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4")
    .bind(checkout)
    .bind(product)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &LicenseKey| row.id.uuid()))
}

/// The same of those that are free.
pub(super) async fn page_of_free(
    conn: &Conn,
    checkout: CheckoutId,
    product: ProductId,
    page: &PageRequest,
) -> Result<Page<LicenseKey>, DbError> {
    let rows = sql("SELECT id, key, order_line_id, taken_at, created_at FROM license_keys
         WHERE checkout_id = $1 AND product_id = $2 AND taken_at IS NULL
             AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4")
    .bind(checkout)
    .bind(product)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &LicenseKey| row.id.uuid()))
}

/// The same of those that were given.
pub(super) async fn page_of_given(
    conn: &Conn,
    checkout: CheckoutId,
    product: ProductId,
    page: &PageRequest,
) -> Result<Page<LicenseKey>, DbError> {
    let rows = sql("SELECT id, key, order_line_id, taken_at, created_at FROM license_keys
         WHERE checkout_id = $1 AND product_id = $2 AND taken_at IS NOT NULL
             AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4")
    .bind(checkout)
    .bind(product)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &LicenseKey| row.id.uuid()))
}

/// Locks the pool of a product, made if there is none yet. Who takes from it and who fills it wait here for each other.
pub(super) async fn lock_pool(tx: &Tx, checkout: CheckoutId, product: ProductId) -> Result<(), DbError> {
    sql("INSERT INTO license_pools (checkout_id, product_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await?;
    sql("SELECT 1 FROM license_pools WHERE checkout_id = $1 AND product_id = $2 FOR UPDATE")
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Brings keys in; returns how many were not there before.
pub(super) async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    product: ProductId,
    ids: &[LicenseKeyId],
    keys: Vec<String>,
) -> Result<usize, DbError> {
    sql("INSERT INTO license_keys (checkout_id, product_id, created_at, id, key)
         SELECT $1, $2, kassa_now($3), k.id, k.key FROM unnest($4::uuid[], $5::text[]) k(id, key)
         ON CONFLICT ON CONSTRAINT license_keys_unique DO NOTHING")
    .bind(checkout)
    .bind(product)
    .bind(tx.offset_ms())
    .bind(ids)
    .bind(keys)
    .execute(tx.conn())
    .await
}

/// Takes this many keys for a line, the oldest first, or none. The pool is locked.
pub(super) async fn take(
    tx: &Tx,
    checkout: CheckoutId,
    product: ProductId,
    line: LineId,
    count: i64,
) -> Result<Vec<Taken>, DbError> {
    sql("WITH free AS (
             SELECT id FROM license_keys WHERE checkout_id = $1 AND product_id = $2 AND taken_at IS NULL ORDER BY id LIMIT $3
         )
         UPDATE license_keys k SET order_line_id = $4, taken_at = kassa_now($5) FROM free
         WHERE k.checkout_id = $1 AND k.id = free.id AND (SELECT count(*) FROM free) = $3
         RETURNING k.id, k.key")
    .bind(checkout)
    .bind(product)
    .bind(count)
    .bind(line)
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}

/// How many keys are free, counted up to `most`.
pub(super) async fn free(tx: &Tx, checkout: CheckoutId, product: ProductId, most: i64) -> Result<i64, DbError> {
    let row: Option<Count> = sql("SELECT count(*) AS count FROM (SELECT 1 FROM license_keys
             WHERE checkout_id = $1 AND product_id = $2 AND taken_at IS NULL LIMIT $3) free")
    .bind(checkout)
    .bind(product)
    .bind(most)
    .row(tx.conn())
    .await?;
    Ok(row.map_or(0, |row| row.count))
}

/// Notes that a pool is low; false when that was noted before.
pub(super) async fn set_low(tx: &Tx, checkout: CheckoutId, product: ProductId) -> Result<bool, DbError> {
    let noted = sql("UPDATE license_pools SET low_since = kassa_now($1) WHERE checkout_id = $2 AND product_id = $3 AND low_since IS NULL")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await?;
    Ok(noted == 1)
}

/// Takes that note away.
pub(super) async fn clear_low(tx: &Tx, checkout: CheckoutId, product: ProductId) -> Result<(), DbError> {
    sql("UPDATE license_pools SET low_since = NULL WHERE checkout_id = $1 AND product_id = $2 AND low_since IS NOT NULL")
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// How many runs are made due at once.
pub(super) const WOKEN: usize = 1000;

/// A run that waited for keys.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = crate::db::schema::action_runs)]
pub(super) struct Woken {
    pub id: crate::kernel::ids::ActionId,
}

/// Makes runs due again that wait for keys of a product, the oldest thousand. Written here because the room of actions stands below this
/// one.
pub(super) async fn wake(tx: &Tx, checkout: CheckoutId, product: ProductId) -> Result<Vec<Woken>, DbError> {
    sql(
        "UPDATE action_runs SET status = 'queued', waiting_for = NULL, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND status = 'waiting' AND id IN (
             SELECT id FROM action_runs WHERE checkout_id = $2 AND product_id = $3 AND status = 'waiting'
                 AND waiting_for = 'license_keys' ORDER BY id LIMIT 1000)
         RETURNING id",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(product)
    .rows(tx.conn())
    .await
}
