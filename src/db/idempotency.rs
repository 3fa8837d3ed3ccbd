//! Idempotency keys: the answer of a write, stored in the transaction of the write.
//!
//! A key is scoped by caller, method and path. The claim is the first statement of the transaction: a second request with the
//! same key waits on it and then finds the stored answer. A rollback takes the claim with it, so failures are not remembered.

use diesel::QueryableByName;
use uuid::Uuid;

use super::error::DbError;
use super::schema::idempotency_keys;
use super::sql::sql;
use super::{Conn, Tx};

/// What a request with a key is known by.
#[derive(Clone, Debug)]
pub struct Key {
    /// Organization or checkout the caller acts in.
    pub tenant: Uuid,
    /// SHA-256 of caller, method, path and key.
    pub scope: [u8; 32],
    /// SHA-256 of the canonical body.
    pub fingerprint: [u8; 32],
}

/// An answer kept for replay.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = idempotency_keys)]
pub struct Stored {
    /// SHA-256 of the canonical body of the first request.
    pub fingerprint: Vec<u8>,
    /// HTTP status; empty when only the claim is kept and the answer is rendered from the resource.
    pub status: Option<i32>,
    /// The body's bytes.
    pub body: Option<Vec<u8>>,
    /// Whether the body is sealed because it holds a secret.
    pub sealed: bool,
    /// The `Location` header.
    pub location: Option<String>,
}

/// What a claim found.
#[derive(Debug)]
pub enum Claim {
    /// The key is new: go on.
    Fresh,
    /// The key was used before, for this body or for another.
    Known(Stored),
}

/// Claims the key in this transaction, or finds what it was used for.
pub async fn claim(tx: &mut Tx, key: &Key) -> Result<Claim, DbError> {
    let inserted = sql(
        "INSERT INTO idempotency_keys (tenant_id, scope, fingerprint, created_at)
         VALUES ($1, $2, $3, kassa_now($4)) ON CONFLICT DO NOTHING",
    )
    .bind(key.tenant)
    .bind(&key.scope[..])
    .bind(&key.fingerprint[..])
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    if inserted == 1 {
        return Ok(Claim::Fresh);
    }
    // Gone again only if the sweeper took it in this very moment: the retry then claims it afresh.
    find(tx.conn(), key)
        .await?
        .map(Claim::Known)
        .ok_or_else(|| DbError::Contention("idempotency key swept".to_owned()))
}

/// Reads what a key was used for.
pub async fn find(conn: &Conn, key: &Key) -> Result<Option<Stored>, DbError> {
    sql("SELECT fingerprint, status, body, sealed, location FROM idempotency_keys WHERE tenant_id = $1 AND scope = $2")
        .bind(key.tenant)
        .bind(&key.scope[..])
        .row(conn)
        .await
}

/// Keeps the answer beside the claim.
pub async fn store(
    tx: &mut Tx,
    key: &Key,
    status: u16,
    body: Vec<u8>,
    sealed: bool,
    location: Option<&str>,
) -> Result<(), DbError> {
    sql("UPDATE idempotency_keys SET status = $1, body = $2, sealed = $3, location = $4 WHERE tenant_id = $5 AND scope = $6")
        .bind(i32::from(status))
        .bind(body)
        .bind(sealed)
        .bind(location)
        .bind(key.tenant)
        .bind(&key.scope[..])
        .exactly_one(tx.conn())
        .await
}

/// Forgets keys older than 24 hours, a thousand at a time. Returns how many.
pub async fn sweep(conn: &Conn, offset_ms: i64) -> Result<usize, DbError> {
    sql("DELETE FROM idempotency_keys WHERE (tenant_id, scope) IN (
             SELECT tenant_id, scope FROM idempotency_keys
             WHERE created_at < kassa_now($1) - interval '24 hours' LIMIT 1000)")
    .bind(offset_ms)
    .execute(conn)
    .await
}
