//! Every query on payment methods.

use super::model::Setup;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::CheckoutId;
use crate::payments::model::ProviderKind;

/// Every account of a checkout.
pub(super) async fn all(conn: &Conn, checkout: CheckoutId) -> Result<Vec<Setup>, DbError> {
    sql(
        "SELECT checkout_id, provider, test_mode, enabled, minimums, settings, secrets, created_at, updated_at
         FROM payment_methods WHERE checkout_id = $1 ORDER BY provider, test_mode",
    )
    .bind(checkout)
    .rows(conn)
    .await
}

/// The accounts of a checkout at a provider, the live one first.
pub async fn of_provider(conn: &Conn, checkout: CheckoutId, provider: ProviderKind) -> Result<Vec<Setup>, DbError> {
    sql(
        "SELECT checkout_id, provider, test_mode, enabled, minimums, settings, secrets, created_at, updated_at
         FROM payment_methods WHERE checkout_id = $1 AND provider = $2 ORDER BY test_mode",
    )
    .bind(checkout)
    .bind(provider)
    .rows(conn)
    .await
}

/// The account of a checkout at a provider in one mode, switched on or not: payments that have begun are carried on.
pub async fn find(
    conn: &Conn,
    checkout: CheckoutId,
    provider: ProviderKind,
    test_mode: bool,
) -> Result<Option<Setup>, DbError> {
    sql(
        "SELECT checkout_id, provider, test_mode, enabled, minimums, settings, secrets, created_at, updated_at
         FROM payment_methods WHERE checkout_id = $1 AND provider = $2 AND test_mode = $3",
    )
    .bind(checkout)
    .bind(provider)
    .bind(test_mode)
    .row(conn)
    .await
}

/// What buyers are offered in one mode, in the form [`crate::payments::methods::Ways`] reads.
pub async fn offered(conn: &Conn, checkout: CheckoutId, test_mode: bool) -> Result<serde_json::Value, DbError> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        offered: serde_json::Value,
    }
    let row: Option<Row> = sql(
        "SELECT coalesce(jsonb_agg(jsonb_build_object('provider', provider, 'minimums', minimums, 'settings', settings)), '[]') AS offered
         FROM payment_methods WHERE checkout_id = $1 AND test_mode = $2 AND enabled",
    )
    .bind(checkout)
    .bind(test_mode)
    .row(conn)
    .await?;
    Ok(row.map(|row| row.offered).unwrap_or_default())
}

/// Writes an account whole.
pub(super) async fn put(tx: &Tx, setup: &Setup) -> Result<(), DbError> {
    sql("INSERT INTO payment_methods (checkout_id, provider, test_mode, enabled, minimums, settings, secrets, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, kassa_now($8), kassa_now($8))
         ON CONFLICT (checkout_id, provider, test_mode) DO UPDATE SET enabled = excluded.enabled, minimums = excluded.minimums,
             settings = excluded.settings, secrets = excluded.secrets, updated_at = excluded.updated_at")
    .bind(setup.checkout_id)
    .bind(setup.provider)
    .bind(setup.test_mode)
    .bind(setup.enabled)
    .bind(&setup.minimums)
    .bind(&setup.settings)
    .bind(setup.secrets.as_slice())
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Forgets an account, its secrets with it.
pub(super) async fn delete(
    tx: &Tx,
    checkout: CheckoutId,
    provider: ProviderKind,
    test_mode: bool,
) -> Result<bool, DbError> {
    let deleted = sql("DELETE FROM payment_methods WHERE checkout_id = $1 AND provider = $2 AND test_mode = $3")
        .bind(checkout)
        .bind(provider)
        .bind(test_mode)
        .execute(tx.conn())
        .await?;
    Ok(deleted == 1)
}

/// Some accounts whose secrets were not sealed by the newest key.
pub(super) async fn under_old_keys(tx: &Tx, newest: i32) -> Result<Vec<Setup>, DbError> {
    sql(
        "SELECT checkout_id, provider, test_mode, enabled, minimums, settings, secrets, created_at, updated_at
         FROM payment_methods WHERE get_byte(secrets, 0) <> $1 LIMIT 100 FOR UPDATE SKIP LOCKED",
    )
    .bind(newest)
    .rows(tx.conn())
    .await
}

/// Writes secrets that were sealed anew; nothing that a person sees changes.
pub(super) async fn reseal(tx: &Tx, setup: &Setup, secrets: &[u8]) -> Result<(), DbError> {
    sql("UPDATE payment_methods SET secrets = $1 WHERE checkout_id = $2 AND provider = $3 AND test_mode = $4")
        .bind(secrets)
        .bind(setup.checkout_id)
        .bind(setup.provider)
        .bind(setup.test_mode)
        .exactly_one(tx.conn())
        .await
}
