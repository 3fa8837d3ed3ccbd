//! Every query on integrations.

use super::model::{Integration, Service};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::CheckoutId;

/// Every account of a checkout.
pub(super) async fn all(conn: &Conn, checkout: CheckoutId) -> Result<Vec<Integration>, DbError> {
    sql("SELECT checkout_id, service, settings, secrets, created_at, updated_at FROM integrations WHERE checkout_id = $1 ORDER BY service")
        .bind(checkout)
        .rows(conn)
        .await
}

/// The account of a checkout at a service.
pub async fn find(conn: &Conn, checkout: CheckoutId, service: Service) -> Result<Option<Integration>, DbError> {
    sql("SELECT checkout_id, service, settings, secrets, created_at, updated_at FROM integrations WHERE checkout_id = $1 AND service = $2")
        .bind(checkout)
        .bind(service)
        .row(conn)
        .await
}

/// Writes an account whole.
pub(super) async fn put(tx: &Tx, row: &Integration) -> Result<(), DbError> {
    sql(
        "INSERT INTO integrations (checkout_id, service, settings, secrets, created_at, updated_at)
         VALUES ($1, $2, $3, $4, kassa_now($5), kassa_now($5))
         ON CONFLICT (checkout_id, service) DO UPDATE SET settings = excluded.settings, secrets = excluded.secrets,
             updated_at = excluded.updated_at",
    )
    .bind(row.checkout_id)
    .bind(row.service)
    .bind(&row.settings)
    .bind(row.secrets.as_slice())
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Forgets an account, its key with it.
pub(super) async fn delete(tx: &Tx, checkout: CheckoutId, service: Service) -> Result<bool, DbError> {
    let deleted = sql("DELETE FROM integrations WHERE checkout_id = $1 AND service = $2")
        .bind(checkout)
        .bind(service)
        .execute(tx.conn())
        .await?;
    Ok(deleted == 1)
}

/// Some accounts whose key was not sealed by the newest key of ours.
pub(super) async fn under_old_keys(tx: &Tx, newest: i32) -> Result<Vec<Integration>, DbError> {
    sql(
        "SELECT checkout_id, service, settings, secrets, created_at, updated_at FROM integrations
         WHERE get_byte(secrets, 0) <> $1 LIMIT 100 FOR UPDATE SKIP LOCKED",
    )
    .bind(newest)
    .rows(tx.conn())
    .await
}

/// Writes a key that was sealed anew; nothing that a person sees changes.
pub(super) async fn reseal(tx: &Tx, row: &Integration, secrets: &[u8]) -> Result<(), DbError> {
    sql("UPDATE integrations SET secrets = $1 WHERE checkout_id = $2 AND service = $3")
        .bind(secrets)
        .bind(row.checkout_id)
        .bind(row.service)
        .exactly_one(tx.conn())
        .await
}
