//! Every query on queues, and on deliveries where they are queued.

use std::collections::BTreeMap;

use super::model::{News, QueueKey, Statistics};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, DeliveryId, WebhookEndpointId};

/// Makes the queue of a new endpoint: it hears what is numbered from now on.
pub async fn open(tx: &Tx, checkout: CheckoutId, endpoint: WebhookEndpointId, paused: bool) -> Result<(), DbError> {
    sql("INSERT INTO webhook_queues (checkout_id, endpoint_id, paused, fed_to)
         SELECT $1, $2, $3, coalesce((SELECT last_sequence FROM event_counters c WHERE c.checkout_id = $1), 0)")
    .bind(checkout)
    .bind(endpoint)
    .bind(paused)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Locks the queue of an endpoint: before its endpoint's row, always.
pub async fn lock(tx: &Tx, checkout: CheckoutId, endpoint: WebhookEndpointId) -> Result<(), DbError> {
    sql("SELECT 1 FROM webhook_queues WHERE checkout_id = $1 AND endpoint_id = $2 FOR UPDATE")
        .bind(checkout)
        .bind(endpoint)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Locks several queues, in the order of their keys.
pub async fn lock_all(tx: &Tx, queues: &[QueueKey]) -> Result<(), DbError> {
    sql("SELECT 1 FROM webhook_queues q
         WHERE (q.checkout_id, q.endpoint_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
         ORDER BY q.checkout_id, q.endpoint_id FOR UPDATE")
    .bind(queues.iter().map(|queue| queue.checkout_id).collect::<Vec<_>>())
    .bind(queues.iter().map(|queue| queue.endpoint_id).collect::<Vec<_>>())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Stops a queue.
pub async fn pause(tx: &Tx, checkout: CheckoutId, endpoint: WebhookEndpointId) -> Result<(), DbError> {
    sql("UPDATE webhook_queues SET paused = true WHERE checkout_id = $1 AND endpoint_id = $2")
        .bind(checkout)
        .bind(endpoint)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Lets a queue go on. What waits for its next attempt, up to five thousand deliveries, is due at once, and has its quarter of an hour
/// again before others overtake it.
pub async fn resume(tx: &Tx, checkout: CheckoutId, endpoint: WebhookEndpointId) -> Result<(), DbError> {
    sql("WITH waiting AS (
             SELECT d.id FROM deliveries d
             WHERE d.checkout_id = $1 AND d.endpoint_id = $2 AND d.status = 'pending' AND NOT d.blocked
               AND (d.lease_until IS NULL OR d.lease_until <= kassa_now($3))
             ORDER BY d.next_attempt_at LIMIT 5000
         ), hurried AS (
             UPDATE deliveries d SET next_attempt_at = kassa_now($3), first_attempt_at = NULL
             FROM waiting w WHERE d.checkout_id = $1 AND d.id = w.id
         )
         UPDATE webhook_queues SET paused = false, failing_since = NULL, due_at = kassa_now($3)
         WHERE checkout_id = $1 AND endpoint_id = $2")
    .bind(checkout)
    .bind(endpoint)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// How an endpoint does.
pub async fn statistics(
    conn: &Conn,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
) -> Result<Option<Statistics>, DbError> {
    sql(
        "SELECT pending, succeeded, failed, failing_since, last_success_at, last_failure_at
         FROM webhook_queues WHERE checkout_id = $1 AND endpoint_id = $2",
    )
    .bind(checkout)
    .bind(endpoint)
    .row(conn)
    .await
}

/// Locks up to 32 queues of these checkouts that are behind their log.
pub(super) async fn lock_behind_of(tx: &Tx, checkouts: &[CheckoutId]) -> Result<Vec<QueueKey>, DbError> {
    sql("SELECT q.checkout_id, q.endpoint_id FROM webhook_queues q
         JOIN event_counters c ON c.checkout_id = q.checkout_id AND c.last_sequence > q.fed_to
         WHERE NOT q.paused AND q.checkout_id = ANY($1)
         ORDER BY q.checkout_id, q.endpoint_id LIMIT 32 FOR UPDATE OF q")
    .bind(checkouts)
    .rows(tx.conn())
    .await
}

/// The same, of all checkouts.
pub(super) async fn lock_behind(tx: &Tx) -> Result<Vec<QueueKey>, DbError> {
    sql("SELECT q.checkout_id, q.endpoint_id FROM webhook_queues q
         JOIN event_counters c ON c.checkout_id = q.checkout_id AND c.last_sequence > q.fed_to
         WHERE NOT q.paused ORDER BY q.checkout_id, q.endpoint_id LIMIT 32 FOR UPDATE OF q")
    .rows(tx.conn())
    .await
}

/// The next 200 events for each of these queues, whether or not the endpoint listens to them.
pub(super) async fn news(tx: &Tx, queues: &[QueueKey]) -> Result<Vec<News>, DbError> {
    sql(
        "SELECT q.checkout_id, q.endpoint_id, e.id AS event_id, e.object_id, e.sequence,
                e.test_mode = w.test_mode AND (e.type = ANY(w.events) OR '*' = ANY(w.events)) AS listens
         FROM unnest($1::uuid[], $2::uuid[]) t(checkout_id, endpoint_id)
         JOIN webhook_queues q ON q.checkout_id = t.checkout_id AND q.endpoint_id = t.endpoint_id
         JOIN webhook_endpoints w ON w.checkout_id = q.checkout_id AND w.id = q.endpoint_id
         CROSS JOIN LATERAL (
             SELECT e.id, e.object_id, e.sequence, e.type, e.test_mode FROM events e
             WHERE e.checkout_id = q.checkout_id AND e.sequence > q.fed_to ORDER BY e.sequence LIMIT 200
         ) e
         ORDER BY q.checkout_id, q.endpoint_id, e.sequence",
    )
    .bind(queues.iter().map(|queue| queue.checkout_id).collect::<Vec<_>>())
    .bind(queues.iter().map(|queue| queue.endpoint_id).collect::<Vec<_>>())
    .rows(tx.conn())
    .await
}

/// Makes a delivery of each, due now unless an earlier event of its object is open, and moves the cursors.
pub(super) async fn queue(tx: &Tx, heard: &[News], read_to: &BTreeMap<QueueKey, i64>) -> Result<(), DbError> {
    let ids: Vec<DeliveryId> = heard.iter().map(|_| DeliveryId::generate(tx.clock())).collect();
    sql("WITH made AS (
             INSERT INTO deliveries (checkout_id, id, endpoint_id, event_id, object_id, sequence, status, blocked,
                                     next_attempt_at, created_at, updated_at)
             SELECT f.checkout_id, f.id, f.endpoint_id, f.event_id, f.object_id, f.sequence, 'pending',
                    row_number() OVER (PARTITION BY f.checkout_id, f.endpoint_id, f.object_id ORDER BY f.sequence) > 1
                    OR EXISTS (SELECT 1 FROM deliveries o WHERE o.checkout_id = f.checkout_id AND o.endpoint_id = f.endpoint_id
                               AND o.object_id = f.object_id AND o.status = 'pending' AND NOT o.overtaken),
                    kassa_now($1), kassa_now($1), kassa_now($1)
             FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[])
                  f(checkout_id, id, endpoint_id, event_id, object_id, sequence)
             ON CONFLICT ON CONSTRAINT deliveries_event_unique DO NOTHING
             RETURNING checkout_id, endpoint_id
         )
         UPDATE webhook_queues q SET fed_to = t.read_to, pending = q.pending + t.made,
             due_at = CASE WHEN t.made > 0 THEN least(q.due_at, kassa_now($1)) ELSE q.due_at END
         FROM (
             SELECT u.*, (SELECT count(*) FROM made m WHERE m.checkout_id = u.checkout_id AND m.endpoint_id = u.endpoint_id) AS made
             FROM unnest($8::uuid[], $9::uuid[], $10::bigint[]) u(checkout_id, endpoint_id, read_to)
         ) t
         WHERE q.checkout_id = t.checkout_id AND q.endpoint_id = t.endpoint_id")
        .bind(tx.offset_ms())
        .bind(heard.iter().map(|row| row.checkout_id).collect::<Vec<_>>())
        .bind(ids)
        .bind(heard.iter().map(|row| row.endpoint_id).collect::<Vec<_>>())
        .bind(heard.iter().map(|row| row.event_id).collect::<Vec<_>>())
        .bind(heard.iter().map(|row| row.object_id).collect::<Vec<_>>())
        .bind(heard.iter().map(|row| row.sequence).collect::<Vec<_>>())
        .bind(read_to.keys().map(|queue| queue.checkout_id).collect::<Vec<_>>())
        .bind(read_to.keys().map(|queue| queue.endpoint_id).collect::<Vec<_>>())
        .bind(read_to.values().copied().collect::<Vec<_>>())
        .execute(tx.conn())
        .await
        .map(drop)
}
