//! Every query on endpoints.

use diesel::QueryableByName;

use super::model::{Endpoint, SealedSecrets};
use crate::db::error::DbError;
use crate::db::schema::webhook_endpoints;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::page::{Page, PageRequest};

pub(super) async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: &Endpoint,
    secret_sealed: Vec<u8>,
) -> Result<(), DbError> {
    sql("INSERT INTO webhook_endpoints (checkout_id, id, url, description, events, active, test_mode, secret_sealed, metadata,
             disabled_reason, disabled_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $6 THEN NULL ELSE kassa_now($11) END, kassa_now($11), kassa_now($11))")
        .bind(checkout)
        .bind(endpoint.id)
        .bind(endpoint.url.as_str())
        .bind(&endpoint.description)
        .bind(&endpoint.events)
        .bind(endpoint.active)
        .bind(endpoint.test_mode)
        .bind(secret_sealed)
        .bind(&endpoint.metadata)
        .bind(endpoint.disabled_reason)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

pub(super) async fn page(conn: &Conn, checkout: CheckoutId, page: &PageRequest) -> Result<Page<Endpoint>, DbError> {
    let rows = sql(
        "SELECT id, url, description, events, active, test_mode, previous_secret_until, disabled_reason, disabled_at, metadata,
                created_at, updated_at
         FROM webhook_endpoints
         WHERE checkout_id = $1 AND deleted_at IS NULL AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $3",
    )
    .bind(checkout)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &Endpoint| row.id.uuid()))
}

/// One endpoint.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: WebhookEndpointId) -> Result<Option<Endpoint>, DbError> {
    sql(
        "SELECT id, url, description, events, active, test_mode, previous_secret_until, disabled_reason, disabled_at, metadata,
                created_at, updated_at
         FROM webhook_endpoints WHERE checkout_id = $1 AND id = $2 AND deleted_at IS NULL",
    )
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// Locks an endpoint and reads it. Its queue is locked before.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: WebhookEndpointId) -> Result<Option<Endpoint>, DbError> {
    sql(
        "SELECT id, url, description, events, active, test_mode, previous_secret_until, disabled_reason, disabled_at, metadata,
                created_at, updated_at
         FROM webhook_endpoints WHERE checkout_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE",
    )
    .bind(checkout)
    .bind(id)
    .row(tx.conn())
    .await
}

/// Writes what can be changed.
pub(super) async fn update(tx: &Tx, checkout: CheckoutId, endpoint: &Endpoint) -> Result<(), DbError> {
    sql("UPDATE webhook_endpoints SET url = $1, description = $2, events = $3, active = $4, test_mode = $5, metadata = $6,
             disabled_at = CASE WHEN $7 IS NULL THEN NULL ELSE coalesce(disabled_at, kassa_now($8)) END,
             disabled_reason = $7, updated_at = kassa_now($8)
         WHERE checkout_id = $9 AND id = $10")
    .bind(endpoint.url.as_str())
    .bind(&endpoint.description)
    .bind(&endpoint.events)
    .bind(endpoint.active)
    .bind(endpoint.test_mode)
    .bind(&endpoint.metadata)
    .bind(endpoint.disabled_reason)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(endpoint.id)
    .exactly_one(tx.conn())
    .await
}

/// Puts a new secret in the place of the one there is, which stays valid for `overlap_ms`.
pub(super) async fn rotate(
    tx: &Tx,
    checkout: CheckoutId,
    id: WebhookEndpointId,
    secret_sealed: Vec<u8>,
    overlap_ms: i64,
) -> Result<(), DbError> {
    sql("UPDATE webhook_endpoints SET previous_secret_sealed = secret_sealed, previous_secret_until = kassa_now($1 + $2),
             secret_sealed = $3, updated_at = kassa_now($1)
         WHERE checkout_id = $4 AND id = $5")
    .bind(tx.offset_ms())
    .bind(overlap_ms)
    .bind(secret_sealed)
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}

/// What an endpoint's requests are signed with now.
pub(super) async fn secrets(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    id: WebhookEndpointId,
) -> Result<Option<SealedSecrets>, DbError> {
    sql("SELECT secret_sealed, CASE WHEN previous_secret_until > kassa_now($1) THEN previous_secret_sealed END AS previous_secret_sealed
         FROM webhook_endpoints WHERE checkout_id = $2 AND id = $3 AND deleted_at IS NULL")
    .bind(offset_ms)
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// The secrets of an endpoint, to be sealed anew.
#[derive(Clone, QueryableByName)]
#[diesel(table_name = webhook_endpoints)]
pub(super) struct Sealed {
    pub checkout_id: CheckoutId,
    pub id: WebhookEndpointId,
    pub secret_sealed: Vec<u8>,
    pub previous_secret_sealed: Option<Vec<u8>>,
}

/// Some endpoints whose secrets were not sealed by the newest key.
pub(super) async fn under_old_keys(tx: &Tx, newest: i32) -> Result<Vec<Sealed>, DbError> {
    sql(
        "SELECT checkout_id, id, secret_sealed, previous_secret_sealed FROM webhook_endpoints
         WHERE (get_byte(secret_sealed, 0) <> $1 OR get_byte(previous_secret_sealed, 0) <> $1) AND deleted_at IS NULL
         LIMIT 100 FOR UPDATE SKIP LOCKED",
    )
    .bind(newest)
    .rows(tx.conn())
    .await
}

/// Writes secrets that were sealed anew; nothing that a person sees changes.
pub(super) async fn reseal(tx: &Tx, row: &Sealed, secret: &[u8], previous: Option<Vec<u8>>) -> Result<(), DbError> {
    sql("UPDATE webhook_endpoints SET secret_sealed = $1, previous_secret_sealed = $2 WHERE checkout_id = $3 AND id = $4")
        .bind(secret)
        .bind(previous)
        .bind(row.checkout_id)
        .bind(row.id)
        .exactly_one(tx.conn())
        .await
}

/// Puts an endpoint away.
pub(super) async fn delete(tx: &Tx, checkout: CheckoutId, id: WebhookEndpointId) -> Result<(), DbError> {
    sql(
        "UPDATE webhook_endpoints SET active = false, deleted_at = kassa_now($1), updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}
