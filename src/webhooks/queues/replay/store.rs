//! Every query on replays.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};

use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, DeliveryId, EventId, ReplayId, WebhookEndpointId};
use crate::webhooks::queues::model::Replay;

/// Which events.
#[derive(Clone, Debug)]
pub struct Scope {
    /// After this number.
    pub after: i64,
    /// Up to this one.
    pub until: i64,
    /// That happened then or later.
    pub since: Option<Instant>,
    /// That happened before then.
    pub before: Option<Instant>,
    /// Of these types; empty: of all.
    pub types: Vec<String>,
    /// Whose delivery was given up.
    pub only_failed: bool,
}

/// An event to be delivered again.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Again {
    /// The event.
    #[diesel(sql_type = SqlUuid)]
    pub event_id: EventId,
    /// Its object.
    #[diesel(sql_type = SqlUuid)]
    pub object_id: uuid::Uuid,
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub sequence: i64,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Up to which number the log has been read for an endpoint: what comes later is delivered anyway.
pub async fn last_read(tx: &Tx, checkout: CheckoutId, endpoint: WebhookEndpointId) -> Result<i64, DbError> {
    let row: Option<Number> =
        sql("SELECT fed_to AS number FROM webhook_queues WHERE checkout_id = $1 AND endpoint_id = $2")
            .bind(checkout)
            .bind(endpoint)
            .row(tx.conn())
            .await?;
    Ok(row.map_or(0, |row| row.number))
}

/// How many deliveries a replay will queue.
pub async fn count(
    conn: &Conn,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    scope: &Scope,
) -> Result<i64, DbError> {
    let row: Option<Number> = sql("SELECT count(*) AS number
         FROM events e
         JOIN webhook_endpoints w ON w.checkout_id = e.checkout_id AND w.id = $1 AND w.test_mode = e.test_mode
              AND (e.type = ANY(w.events) OR '*' = ANY(w.events))
         LEFT JOIN deliveries d ON d.checkout_id = e.checkout_id AND d.endpoint_id = $1 AND d.event_id = e.id
         WHERE e.checkout_id = $2 AND e.sequence > $3 AND e.sequence <= $4
           AND ($5 IS NULL OR e.occurred_at >= $5) AND ($6 IS NULL OR e.occurred_at < $6)
           AND (cardinality($7) = 0 OR e.type = ANY($7))
           AND CASE WHEN $8 THEN d.status = 'failed' ELSE d.status IS DISTINCT FROM 'pending' END")
    .bind(endpoint)
    .bind(checkout)
    .bind(scope.after)
    .bind(scope.until)
    .bind(scope.since)
    .bind(scope.before)
    .bind(&scope.types)
    .bind(scope.only_failed)
    .row(conn)
    .await?;
    Ok(row.map_or(0, |row| row.number))
}

/// The events of a batch; none when the endpoint has been deleted meanwhile.
pub(super) async fn events(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    scope: &Scope,
) -> Result<Vec<Again>, DbError> {
    sql("SELECT e.id AS event_id, e.object_id, e.sequence
         FROM events e
         JOIN webhook_endpoints w ON w.checkout_id = e.checkout_id AND w.id = $1 AND w.test_mode = e.test_mode
              AND (e.type = ANY(w.events) OR '*' = ANY(w.events)) AND w.deleted_at IS NULL
         LEFT JOIN deliveries d ON d.checkout_id = e.checkout_id AND d.endpoint_id = $1 AND d.event_id = e.id
         WHERE e.checkout_id = $2 AND e.sequence > $3 AND e.sequence <= $4
           AND ($5 IS NULL OR e.occurred_at >= $5) AND ($6 IS NULL OR e.occurred_at < $6)
           AND (cardinality($7) = 0 OR e.type = ANY($7))
           AND CASE WHEN $8 THEN d.status = 'failed' ELSE d.status IS DISTINCT FROM 'pending' END
         ORDER BY e.sequence")
    .bind(endpoint)
    .bind(checkout)
    .bind(scope.after)
    .bind(scope.until)
    .bind(scope.since)
    .bind(scope.before)
    .bind(&scope.types)
    .bind(scope.only_failed)
    .rows(tx.conn())
    .await
}

/// Queues the deliveries of these events anew, and makes those that there never were if `make`. All of them are blocked until
/// [`arrange`] has looked at them. The caller has locked the queue.
pub async fn again(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    events: &[Again],
    make: bool,
) -> Result<(), DbError> {
    let ids: Vec<DeliveryId> = events.iter().map(|_| DeliveryId::generate(tx.clock())).collect();
    sql("WITH asked AS (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) a(event_id, id, object_id, sequence)
         ), before AS (
             SELECT d.id, d.status FROM asked a
             JOIN deliveries d ON d.checkout_id = $5 AND d.endpoint_id = $6 AND d.event_id = a.event_id AND d.status <> 'pending'
         ), reopened AS (
             UPDATE deliveries d SET status = 'pending', blocked = true, overtaken = false, step = 0, first_attempt_at = NULL,
                 lease_until = NULL, next_attempt_at = kassa_now($7), updated_at = kassa_now($7)
             FROM before b WHERE d.checkout_id = $5 AND d.id = b.id
             RETURNING b.status
         ), made AS (
             INSERT INTO deliveries (checkout_id, id, endpoint_id, event_id, object_id, sequence, status, blocked,
                                     next_attempt_at, created_at, updated_at)
             SELECT $5, a.id, $6, a.event_id, a.object_id, a.sequence, 'pending', true, kassa_now($7), kassa_now($7), kassa_now($7)
             FROM asked a WHERE $8
             ON CONFLICT ON CONSTRAINT deliveries_event_unique DO NOTHING
             RETURNING 1
         )
         UPDATE webhook_queues SET due_at = least(due_at, kassa_now($7)),
             pending = pending + (SELECT count(*) FROM reopened) + (SELECT count(*) FROM made),
             succeeded = succeeded - (SELECT count(*) FROM reopened r WHERE r.status = 'succeeded'),
             failed = failed - (SELECT count(*) FROM reopened r WHERE r.status = 'failed')
         WHERE checkout_id = $5 AND endpoint_id = $6")
        .bind(events.iter().map(|event| event.event_id).collect::<Vec<_>>())
        .bind(ids)
        .bind(events.iter().map(|event| event.object_id).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.sequence).collect::<Vec<_>>())
        .bind(checkout)
        .bind(endpoint)
        .bind(tx.offset_ms())
        .bind(make)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Of the open deliveries of each object lets the first pass and blocks the others, except those that are being sent.
pub async fn arrange(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    events: &[Again],
) -> Result<(), DbError> {
    sql("UPDATE deliveries d SET blocked = x.blocked
         FROM (
             SELECT o.id, row_number() OVER (PARTITION BY o.object_id ORDER BY o.sequence) > 1 AS blocked
             FROM (SELECT DISTINCT object_id FROM unnest($1::uuid[]) u(object_id)) t
             JOIN deliveries o ON o.checkout_id = $2 AND o.endpoint_id = $3 AND o.object_id = t.object_id
                  AND o.status = 'pending' AND NOT o.overtaken
         ) x
         WHERE d.checkout_id = $2 AND d.id = x.id AND d.blocked <> x.blocked
           AND (d.lease_until IS NULL OR d.lease_until <= kassa_now($4))")
    .bind(events.iter().map(|event| event.object_id).collect::<Vec<_>>())
    .bind(checkout)
    .bind(endpoint)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Keeps a request, to be done by the worker.
pub async fn insert(tx: &Tx, id: ReplayId, replay: &Replay) -> Result<(), DbError> {
    sql("INSERT INTO webhook_replays (checkout_id, id, endpoint_id, after_sequence, until_sequence, since, until, types,
             only_failed, asked, queued, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, kassa_now($12))")
    .bind(replay.checkout_id)
    .bind(id)
    .bind(replay.endpoint_id)
    .bind(replay.after_sequence)
    .bind(replay.until_sequence)
    .bind(replay.since)
    .bind(replay.until)
    .bind(&replay.types)
    .bind(replay.only_failed)
    .bind(&replay.asked)
    .bind(replay.queued)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The same request, when it has been made and is not done yet.
pub async fn same_open(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    asked: &serde_json::Value,
) -> Result<Option<Replay>, DbError> {
    sql("SELECT checkout_id, id, endpoint_id, after_sequence, until_sequence, since, until, types, only_failed, asked, queued
         FROM webhook_replays
         WHERE checkout_id = $1 AND endpoint_id = $2 AND finished_at IS NULL AND asked = $3 ORDER BY id LIMIT 1")
    .bind(checkout)
    .bind(endpoint)
    .bind(asked)
    .row(tx.conn())
    .await
}

/// Locks the oldest request that is not done and not another worker's.
pub(super) async fn lock_oldest(tx: &Tx) -> Result<Option<Replay>, DbError> {
    sql("SELECT checkout_id, id, endpoint_id, after_sequence, until_sequence, since, until, types, only_failed, asked, queued
         FROM webhook_replays WHERE finished_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
    .row(tx.conn())
    .await
}

/// Moves a request on.
pub(super) async fn moved_on(tx: &Tx, replay: &Replay, until: i64, finished: bool) -> Result<(), DbError> {
    sql(
        "UPDATE webhook_replays SET after_sequence = $1, finished_at = CASE WHEN $2 THEN kassa_now($3) END
         WHERE checkout_id = $4 AND id = $5",
    )
    .bind(until)
    .bind(finished)
    .bind(tx.offset_ms())
    .bind(replay.checkout_id)
    .bind(replay.id)
    .exactly_one(tx.conn())
    .await
}
