//! Every query on endpoints and deliveries.

use super::model::{Claimed, Delivery, DeliveryStatus, Endpoint, Match};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, DeliveryId, WebhookEndpointId};
use crate::kernel::page::{Page, PageRequest};

/// How long a claimed delivery belongs to its worker, in milliseconds: two rounds of the longest attempt, and time to record.
const LEASE_MS: i64 = 45_000;
/// How long an undelivered event holds back its successors, in milliseconds.
const HOLDS_BACK_MS: i64 = 15 * 60_000;

pub(super) async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: &Endpoint,
    secret_sealed: Vec<u8>,
) -> Result<(), DbError> {
    sql("INSERT INTO webhook_endpoints (checkout_id, id, url, description, events, active, test_mode, secret_sealed, metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, kassa_now($10), kassa_now($10))")
        .bind(checkout)
        .bind(endpoint.id)
        .bind(endpoint.url.as_str())
        .bind(&endpoint.description)
        .bind(&endpoint.events)
        .bind(endpoint.active)
        .bind(endpoint.test_mode)
        .bind(secret_sealed)
        .bind(&endpoint.metadata)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

pub(super) async fn page(conn: &Conn, checkout: CheckoutId, page: &PageRequest) -> Result<Page<Endpoint>, DbError> {
    let rows = sql(
        "SELECT id, url, description, events, active, test_mode, metadata, created_at, updated_at
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

pub(super) async fn find(
    conn: &Conn,
    checkout: CheckoutId,
    id: WebhookEndpointId,
) -> Result<Option<Endpoint>, DbError> {
    sql(
        "SELECT id, url, description, events, active, test_mode, metadata, created_at, updated_at
         FROM webhook_endpoints WHERE checkout_id = $1 AND id = $2 AND deleted_at IS NULL",
    )
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// Locks an endpoint and reads it.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: WebhookEndpointId) -> Result<Option<Endpoint>, DbError> {
    sql(
        "SELECT id, url, description, events, active, test_mode, metadata, created_at, updated_at
         FROM webhook_endpoints WHERE checkout_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE",
    )
    .bind(checkout)
    .bind(id)
    .row(tx.conn())
    .await
}

/// Gives up what is still to be delivered to an endpoint. The events stay in the log.
async fn give_up(tx: &Tx, checkout: CheckoutId, id: WebhookEndpointId, why: &str) -> Result<(), DbError> {
    sql(
        "UPDATE deliveries SET status = 'failed', last_error = $1, updated_at = kassa_now($2)
         WHERE checkout_id = $3 AND endpoint_id = $4 AND status = 'pending'",
    )
    .bind(why)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(id)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Puts an endpoint away; what was not delivered to it stays undelivered.
pub(super) async fn delete(tx: &Tx, checkout: CheckoutId, id: WebhookEndpointId) -> Result<(), DbError> {
    sql(
        "UPDATE webhook_endpoints SET active = false, deleted_at = kassa_now($1), updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await?;
    give_up(tx, checkout, id, "endpoint deleted").await
}

/// Switches an endpoint off, because it answered 410: nothing more is sent to it.
pub(super) async fn switch_off(tx: &Tx, checkout: CheckoutId, id: WebhookEndpointId) -> Result<(), DbError> {
    sql("UPDATE webhook_endpoints SET active = false, updated_at = kassa_now($1) WHERE checkout_id = $2 AND id = $3")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    give_up(tx, checkout, id, "endpoint switched off: it answered 410").await
}

/// A page of deliveries to an endpoint, newest first.
pub(super) async fn deliveries(
    conn: &Conn,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    page: &PageRequest,
) -> Result<Page<Delivery>, DbError> {
    let rows = sql(
        "SELECT id, event_id, sequence, status, attempts, next_attempt_at, last_status, last_error, last_answer,
                last_duration_ms, last_attempt_at, created_at, updated_at
         FROM deliveries
         WHERE checkout_id = $1 AND endpoint_id = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $4",
    )
    .bind(checkout)
    .bind(endpoint)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &Delivery| row.id.uuid()))
}

/// Numbers up to a thousand events and says which endpoints listen to each.
///
/// The events of one object are numbered by the object's version, which its row lock orders, and not by their ids, which two
/// instances with different clocks may make out of order.
pub(super) async fn number_events(tx: &Tx) -> Result<Vec<Match>, DbError> {
    sql("WITH batch AS (
             SELECT checkout_id, id, object_id, object_version FROM events WHERE sequence IS NULL
             ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
         ), counts AS (
             SELECT checkout_id, count(*) AS n FROM batch GROUP BY checkout_id ORDER BY checkout_id
         ), bumped AS (
             INSERT INTO event_counters (checkout_id, last_sequence) SELECT checkout_id, n FROM counts
             ON CONFLICT (checkout_id) DO UPDATE SET last_sequence = event_counters.last_sequence + excluded.last_sequence
             RETURNING checkout_id, last_sequence
         ), anchored AS (
             SELECT *, min(id::text) OVER (PARTITION BY checkout_id, object_id) AS anchor FROM batch
         ), numbered AS (
             SELECT a.checkout_id, a.id, b.last_sequence - c.n
                    + row_number() OVER (PARTITION BY a.checkout_id ORDER BY a.anchor, a.object_version, a.id) AS sequence
             FROM anchored a JOIN counts c USING (checkout_id) JOIN bumped b USING (checkout_id)
         ), written AS (
             UPDATE events e SET sequence = n.sequence FROM numbered n WHERE e.checkout_id = n.checkout_id AND e.id = n.id
             RETURNING e.checkout_id, e.id, e.object_id, e.sequence, e.type, e.test_mode
         )
         SELECT w.checkout_id, w.id AS event_id, w.object_id, w.sequence, x.id AS endpoint_id
         FROM written w
         LEFT JOIN webhook_endpoints x ON x.checkout_id = w.checkout_id AND x.active AND x.deleted_at IS NULL
              AND x.test_mode = w.test_mode AND (w.type = ANY(x.events) OR '*' = ANY(x.events))
         ORDER BY w.checkout_id, w.sequence")
        .rows(tx.conn())
        .await
}

/// Writes a delivery for each event and endpoint, due now.
pub(super) async fn insert_deliveries(tx: &Tx, matches: &[(Match, WebhookEndpointId)]) -> Result<(), DbError> {
    let ids: Vec<DeliveryId> = matches.iter().map(|_| DeliveryId::generate(tx.clock())).collect();
    sql("INSERT INTO deliveries (checkout_id, id, endpoint_id, event_id, object_id, sequence, status, next_attempt_at, created_at, updated_at)
         SELECT d.*, 'pending', kassa_now($1), kassa_now($1), kassa_now($1)
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[]) d
         ON CONFLICT ON CONSTRAINT deliveries_event_unique DO NOTHING")
        .bind(tx.offset_ms())
        .bind(matches.iter().map(|(found, _)| found.checkout_id).collect::<Vec<_>>())
        .bind(ids)
        .bind(matches.iter().map(|(_, endpoint)| *endpoint).collect::<Vec<_>>())
        .bind(matches.iter().map(|(found, _)| found.event_id).collect::<Vec<_>>())
        .bind(matches.iter().map(|(found, _)| found.object_id).collect::<Vec<_>>())
        .bind(matches.iter().map(|(found, _)| found.sequence).collect::<Vec<_>>())
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Claims up to 128 due deliveries: two rounds of the longest attempt fit the lease. (The limit is part of the text, for the
/// plan: see `db::jobs::claim`.) Per endpoint and object only the lowest open sequence is eligible, unless it has been open for so
/// long that it no longer holds back the others.
pub(super) async fn claim(conn: &Conn, offset_ms: i64) -> Result<Vec<Claimed>, DbError> {
    sql("WITH due AS (
             SELECT d.checkout_id, d.id FROM deliveries d
             WHERE d.status = 'pending' AND d.next_attempt_at <= kassa_now($1)
               AND NOT EXISTS (
                   SELECT 1 FROM deliveries e
                   WHERE e.checkout_id = d.checkout_id AND e.endpoint_id = d.endpoint_id AND e.object_id = d.object_id
                     AND e.status = 'pending' AND e.sequence < d.sequence
                     AND e.created_at > kassa_now($1 - $2))
             ORDER BY d.next_attempt_at LIMIT 128 FOR UPDATE SKIP LOCKED
         ), claimed AS (
             UPDATE deliveries d SET generation = d.generation + 1, attempts = d.attempts + 1,
                    next_attempt_at = kassa_now($1 + $3), lease_until = kassa_now($1 + $3)
             FROM due WHERE d.checkout_id = due.checkout_id AND d.id = due.id
             RETURNING d.checkout_id, d.id, d.event_id, d.endpoint_id, d.generation, d.attempts
         )
         SELECT c.*, w.url, w.secret_sealed FROM claimed c
         JOIN webhook_endpoints w ON w.checkout_id = c.checkout_id AND w.id = c.endpoint_id")
    .bind(offset_ms)
    .bind(HOLDS_BACK_MS)
    .bind(LEASE_MS)
    .rows(conn)
    .await
}

/// How an attempt ended.
pub(super) struct Attempt {
    pub delivery: Claimed,
    pub status: DeliveryStatus,
    pub answer_status: Option<i32>,
    pub error: Option<String>,
    pub answer: Option<String>,
    pub duration_ms: i32,
    pub next_in_ms: i64,
}

/// Records attempts, each fenced by the generation of its claim: what another worker has taken over stays as it is. One
/// statement and one commit however many, because the disk is what limits deliveries.
pub(super) async fn record(conn: &Conn, offset_ms: i64, attempts: &[Attempt]) -> Result<(), DbError> {
    sql("UPDATE deliveries d SET status = a.status, last_status = a.answer_status, last_error = a.error, last_answer = a.answer,
             last_duration_ms = a.duration_ms, next_attempt_at = kassa_now($1 + a.next_in_ms), lease_until = NULL,
             last_attempt_at = kassa_now($1), updated_at = kassa_now($1)
         FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[], $9::int[], $10::bigint[])
              a(checkout_id, id, generation, status, answer_status, error, answer, duration_ms, next_in_ms)
         WHERE d.checkout_id = a.checkout_id AND d.id = a.id AND d.generation = a.generation AND d.status = 'pending'")
        .bind(offset_ms)
        .bind(column(attempts, |attempt| attempt.delivery.checkout_id))
        .bind(column(attempts, |attempt| attempt.delivery.id))
        .bind(column(attempts, |attempt| attempt.delivery.generation))
        .bind(column(attempts, |attempt| attempt.status.as_str().to_owned()))
        .bind(column(attempts, |attempt| attempt.answer_status))
        .bind(column(attempts, |attempt| attempt.error.clone()))
        .bind(column(attempts, |attempt| attempt.answer.clone()))
        .bind(column(attempts, |attempt| attempt.duration_ms))
        .bind(column(attempts, |attempt| attempt.next_in_ms))
        .execute(conn)
        .await
        .map(drop)
}

fn column<T>(attempts: &[Attempt], value: impl Fn(&Attempt) -> T) -> Vec<T> {
    attempts.iter().map(value).collect()
}
