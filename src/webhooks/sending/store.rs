//! Every query on deliveries that are being sent.

use super::model::{Attempt, Claimed, Told, Verdict};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::webhooks::endpoints::model::DisabledReason;
use crate::webhooks::queues::model::QueueKey;

/// How long a claimed delivery belongs to its worker, in milliseconds: the longest attempt, and time to record it.
const LEASE_MS: i64 = 45_000;
/// After how long a delivery that fails lets its successors pass, in milliseconds.
const OVERTAKEN_MS: i64 = 15 * 60_000;
/// How many deliveries are under way to one endpoint at once, over all workers.
const MOST: i64 = 32;
/// The same while none succeeds.
const MOST_FAILING: i64 = 4;
/// After how long without a success an endpoint is switched off, in milliseconds.
const GIVEN_UP_MS: i64 = 5 * 24 * 3_600_000;
/// Failures that lie further apart, in milliseconds, are not of one row: there was nothing to send in between.
const APART_MS: i64 = 2 * 24 * 3_600_000;

fn checkouts(queues: &[QueueKey]) -> Vec<CheckoutId> {
    queues.iter().map(|queue| queue.checkout_id).collect()
}

fn endpoints(queues: &[QueueKey]) -> Vec<WebhookEndpointId> {
    queues.iter().map(|queue| queue.endpoint_id).collect()
}

/// Locks up to eight queues that have something due, those first that were looked at longest ago. (The limit is part of the text,
/// for the plan: see `db::jobs::claim`.)
pub(super) async fn lock_due(tx: &Tx) -> Result<Vec<QueueKey>, DbError> {
    sql(
        "SELECT checkout_id, endpoint_id FROM webhook_queues WHERE NOT paused AND due_at <= kassa_now($1)
         ORDER BY due_at LIMIT 8 FOR UPDATE SKIP LOCKED",
    )
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}

/// Marks what has been tried for too long, and lets the next of its object pass. A hundred of each queue: the rest next time.
pub(super) async fn overtake(tx: &Tx, queues: &[QueueKey]) -> Result<(), DbError> {
    sql("WITH late AS (
             SELECT d.checkout_id, d.id, d.endpoint_id, d.object_id
             FROM unnest($1::uuid[], $2::uuid[]) t(checkout_id, endpoint_id) CROSS JOIN LATERAL (
                 SELECT d.checkout_id, d.id, d.endpoint_id, d.object_id FROM deliveries d
                 WHERE d.checkout_id = t.checkout_id AND d.endpoint_id = t.endpoint_id AND d.status = 'pending' AND NOT d.overtaken
                   AND d.first_attempt_at <= kassa_now($3 - $4)
                 ORDER BY d.first_attempt_at LIMIT 100
             ) d
         ), marked AS (
             UPDATE deliveries d SET overtaken = true, updated_at = kassa_now($3) FROM late l
             WHERE d.checkout_id = l.checkout_id AND d.id = l.id
         )
         UPDATE deliveries n SET blocked = false
         FROM (
             SELECT DISTINCT h.checkout_id, h.id FROM late l CROSS JOIN LATERAL (
                 SELECT o.checkout_id, o.id FROM deliveries o
                 WHERE o.checkout_id = l.checkout_id AND o.endpoint_id = l.endpoint_id AND o.object_id = l.object_id
                   AND o.status = 'pending' AND NOT o.overtaken
                   AND NOT EXISTS (SELECT 1 FROM late k WHERE k.checkout_id = o.checkout_id AND k.id = o.id)
                 ORDER BY o.sequence LIMIT 1
             ) h
         ) x
         WHERE n.checkout_id = x.checkout_id AND n.id = x.id AND n.blocked")
    .bind(checkouts(queues))
    .bind(endpoints(queues))
    .bind(tx.offset_ms())
    .bind(OVERTAKEN_MS)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Claims up to 32 due deliveries of each of these queues, as far as the endpoint has room, and says when to look at them again: now,
/// as one that has waited shortest, if there is more.
pub(super) async fn claim(tx: &Tx, queues: &[QueueKey]) -> Result<Vec<Claimed>, DbError> {
    sql("WITH queues AS (
             SELECT q.checkout_id, q.endpoint_id,
                    CASE WHEN q.failing_since IS NULL THEN $1 ELSE $2 END - (
                        SELECT count(*) FROM deliveries f
                        WHERE f.checkout_id = q.checkout_id AND f.endpoint_id = q.endpoint_id AND f.lease_until > kassa_now($3)
                    ) AS room
             FROM unnest($4::uuid[], $5::uuid[]) t(checkout_id, endpoint_id)
             JOIN webhook_queues q ON q.checkout_id = t.checkout_id AND q.endpoint_id = t.endpoint_id
         ), due AS (
             SELECT d.checkout_id, d.id, d.endpoint_id FROM queues q CROSS JOIN LATERAL (
                 SELECT x.*, row_number() OVER (ORDER BY x.next_attempt_at, x.sequence) AS place FROM (
                     SELECT d.checkout_id, d.id, d.endpoint_id, d.next_attempt_at, d.sequence FROM deliveries d
                     WHERE d.checkout_id = q.checkout_id AND d.endpoint_id = q.endpoint_id AND d.status = 'pending'
                       AND NOT d.blocked AND d.next_attempt_at <= kassa_now($3)
                     ORDER BY d.next_attempt_at LIMIT 32
                 ) x
             ) d WHERE d.place <= q.room
         ), claimed AS (
             UPDATE deliveries d SET generation = d.generation + 1, attempts = d.attempts + 1, step = d.step + 1,
                    first_attempt_at = coalesce(d.first_attempt_at, kassa_now($3)),
                    next_attempt_at = kassa_now($3 + $6), lease_until = kassa_now($3 + $6)
             FROM due WHERE d.checkout_id = due.checkout_id AND d.id = due.id
             RETURNING d.checkout_id, d.id, d.event_id, d.endpoint_id, d.object_id, d.generation, d.step
         ), looked_at AS (
             UPDATE webhook_queues q
             SET due_at = CASE WHEN n.next IS NOT NULL THEN greatest(n.next, kassa_now($3)) END
             FROM (
                 SELECT t.checkout_id, t.endpoint_id, least(
                     -- A worker that dies gives back what it has claimed.
                     CASE WHEN t.room <= 0 OR t.taken > 0 THEN kassa_now($3 + $6) END,
                     -- With no room left the next record says when there is some.
                     CASE WHEN t.taken < t.room THEN (
                         SELECT d.next_attempt_at FROM deliveries d
                         WHERE d.checkout_id = t.checkout_id AND d.endpoint_id = t.endpoint_id AND d.status = 'pending'
                           AND NOT d.blocked AND NOT EXISTS (SELECT 1 FROM due u WHERE u.checkout_id = d.checkout_id AND u.id = d.id)
                         ORDER BY d.next_attempt_at LIMIT 1) END,
                     (SELECT d.first_attempt_at FROM deliveries d
                      WHERE d.checkout_id = t.checkout_id AND d.endpoint_id = t.endpoint_id AND d.status = 'pending'
                        AND NOT d.overtaken AND d.first_attempt_at IS NOT NULL
                      ORDER BY d.first_attempt_at LIMIT 1) + $7 * interval '1 millisecond'
                 ) AS next
                 FROM (
                     SELECT q.*, (SELECT count(*) FROM due u WHERE u.checkout_id = q.checkout_id AND u.endpoint_id = q.endpoint_id) AS taken
                     FROM queues q
                 ) t
             ) n
             WHERE q.checkout_id = n.checkout_id AND q.endpoint_id = n.endpoint_id
         )
         SELECT c.*, w.url, w.secret_sealed,
                CASE WHEN w.previous_secret_until > kassa_now($3) THEN w.previous_secret_sealed END AS previous_secret_sealed
         FROM claimed c JOIN webhook_endpoints w ON w.checkout_id = c.checkout_id AND w.id = c.endpoint_id")
        .bind(MOST)
        .bind(MOST_FAILING)
        .bind(tx.offset_ms())
        .bind(checkouts(queues))
        .bind(endpoints(queues))
        .bind(LEASE_MS)
        .bind(OVERTAKEN_MS)
        .rows(tx.conn())
        .await
}

/// Records attempts on their deliveries and queues; says what they mean for the endpoints. The caller has locked the queues.
pub(super) async fn record(tx: &Tx, attempts: &[Attempt]) -> Result<Vec<Verdict>, DbError> {
    sql("WITH done AS (
             UPDATE deliveries d SET status = a.status, last_status = a.answer_status, last_error = a.error,
                 last_duration_ms = a.duration_ms, next_attempt_at = kassa_now($1 + a.next_in_ms), lease_until = NULL,
                 last_attempt_at = kassa_now($1), updated_at = kassa_now($1)
             FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[], $9::int[], $10::bigint[])
                  a(checkout_id, id, generation, status, answer_status, error, answer, duration_ms, next_in_ms)
             WHERE d.checkout_id = a.checkout_id AND d.id = a.id AND d.generation = a.generation AND d.status = 'pending'
             RETURNING d.checkout_id, d.id, d.endpoint_id, d.attempts, d.status, a.answer_status, a.error, a.answer, a.duration_ms
         ), kept AS (
             INSERT INTO delivery_attempts (checkout_id, delivery_id, number, attempted_at, duration_ms, status, error, answer)
             SELECT checkout_id, id, attempts, kassa_now($1 - duration_ms), duration_ms, answer_status, error, answer FROM done
         )
         UPDATE webhook_queues q SET
             pending = q.pending - s.succeeded - s.failed, succeeded = q.succeeded + s.succeeded, failed = q.failed + s.failed,
             failing_since = CASE WHEN s.succeeded > 0 THEN NULL
                 WHEN q.failing_since IS NULL OR q.last_failure_at < kassa_now($1 - $11) THEN kassa_now($1)
                 ELSE q.failing_since END,
             last_success_at = CASE WHEN s.succeeded > 0 THEN kassa_now($1) ELSE q.last_success_at END,
             last_failure_at = CASE WHEN s.erred THEN kassa_now($1) ELSE q.last_failure_at END,
             due_at = least(q.due_at, kassa_now($1))
         FROM (
             SELECT checkout_id, endpoint_id, count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
                    count(*) FILTER (WHERE status = 'failed') AS failed, bool_or(error IS NOT NULL) AS erred,
                    coalesce(bool_or(answer_status = 410), false) AS gone
             FROM done GROUP BY checkout_id, endpoint_id
         ) s
         WHERE q.checkout_id = s.checkout_id AND q.endpoint_id = s.endpoint_id
         RETURNING q.checkout_id, q.endpoint_id, s.gone, coalesce(q.failing_since <= kassa_now($1 - $12), false) AS failing")
        .bind(tx.offset_ms())
        .bind(column(attempts, |attempt| attempt.delivery.checkout_id))
        .bind(column(attempts, |attempt| attempt.delivery.id))
        .bind(column(attempts, |attempt| attempt.delivery.generation))
        .bind(column(attempts, |attempt| attempt.status.as_str().to_owned()))
        .bind(column(attempts, |attempt| attempt.answer_status))
        .bind(column(attempts, |attempt| attempt.error.clone()))
        .bind(column(attempts, |attempt| attempt.answer.clone()))
        .bind(column(attempts, |attempt| attempt.duration_ms))
        .bind(column(attempts, |attempt| attempt.next_in_ms))
        .bind(APART_MS)
        .bind(GIVEN_UP_MS)
        .rows(tx.conn())
        .await
}

fn column<T>(attempts: &[Attempt], value: impl Fn(&Attempt) -> T) -> Vec<T> {
    attempts.iter().map(value).collect()
}

/// Lets the first open delivery of the same object pass, for each that ended.
pub(super) async fn let_next_pass(tx: &Tx, ended: &[&Attempt]) -> Result<(), DbError> {
    if ended.is_empty() {
        return Ok(());
    }
    sql("UPDATE deliveries n SET blocked = false
         FROM (
             SELECT DISTINCT h.checkout_id, h.id FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) t(checkout_id, endpoint_id, object_id)
             CROSS JOIN LATERAL (
                 SELECT o.checkout_id, o.id FROM deliveries o
                 WHERE o.checkout_id = t.checkout_id AND o.endpoint_id = t.endpoint_id AND o.object_id = t.object_id
                   AND o.status = 'pending' AND NOT o.overtaken
                 ORDER BY o.sequence LIMIT 1
             ) h
         ) x
         WHERE n.checkout_id = x.checkout_id AND n.id = x.id AND n.blocked")
    .bind(ended.iter().map(|attempt| attempt.delivery.checkout_id).collect::<Vec<_>>())
    .bind(ended.iter().map(|attempt| attempt.delivery.endpoint_id).collect::<Vec<_>>())
    .bind(ended.iter().map(|attempt| attempt.delivery.object_id).collect::<Vec<_>>())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Marks an endpoint as switched off; false when it was off already.
pub(super) async fn disable(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    why: DisabledReason,
) -> Result<bool, DbError> {
    let touched = sql(
        "UPDATE webhook_endpoints SET active = false, disabled_reason = $1, disabled_at = kassa_now($2), updated_at = kassa_now($2)
         WHERE checkout_id = $3 AND id = $4 AND active AND deleted_at IS NULL",
    )
    .bind(why)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(endpoint)
    .execute(tx.conn())
    .await?;
    Ok(touched == 1)
}

/// The owners of a checkout whose address is proved, each with what they are told of.
pub(super) async fn owners(
    conn: &Conn,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
) -> Result<Vec<Told>, DbError> {
    sql("SELECT u.email, c.name AS checkout, w.url FROM checkouts c
         JOIN webhook_endpoints w ON w.checkout_id = c.id AND w.id = $1
         JOIN organization_members m ON m.organization_id = c.organization_id AND m.role = 'owner'
         JOIN users u ON u.id = m.user_id AND u.email_verified_at IS NOT NULL
         WHERE c.id = $2 ORDER BY u.id")
    .bind(endpoint)
    .bind(checkout)
    .rows(conn)
    .await
}
