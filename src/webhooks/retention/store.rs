//! Every query that forgets deliveries.

use super::model::Ended;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::webhooks::queues::model::QueueKey;

/// How long deliveries and replays are kept after they ended, in milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// How many go at once. (The limits are part of the texts, for the plans: see `db::jobs::claim`.)
pub(super) const BATCH: usize = 500;

/// Locks the queue of an endpoint that has been deleted and not yet swept.
pub(super) async fn lock_deleted(tx: &Tx) -> Result<Option<QueueKey>, DbError> {
    sql("SELECT q.checkout_id, q.endpoint_id FROM webhook_queues q
         JOIN webhook_endpoints w ON w.checkout_id = q.checkout_id AND w.id = q.endpoint_id AND w.deleted_at IS NOT NULL
         WHERE q.paused LIMIT 1 FOR UPDATE OF q SKIP LOCKED")
    .row(tx.conn())
    .await
}

/// Forgets deliveries to an endpoint, however they stand; returns how many.
pub(super) async fn forget_of(tx: &Tx, queue: QueueKey) -> Result<usize, DbError> {
    sql("WITH old AS (
             SELECT id FROM deliveries WHERE checkout_id = $1 AND endpoint_id = $2 ORDER BY id LIMIT 500
         ), attempts AS (
             DELETE FROM delivery_attempts a USING old WHERE a.checkout_id = $1 AND a.delivery_id = old.id
         )
         DELETE FROM deliveries d USING old WHERE d.checkout_id = $1 AND d.id = old.id")
    .bind(queue.checkout_id)
    .bind(queue.endpoint_id)
    .execute(tx.conn())
    .await
}

/// Forgets a queue that is empty.
pub(super) async fn forget_queue(tx: &Tx, queue: QueueKey) -> Result<(), DbError> {
    sql("DELETE FROM webhook_queues WHERE checkout_id = $1 AND endpoint_id = $2")
        .bind(queue.checkout_id)
        .bind(queue.endpoint_id)
        .exactly_one(tx.conn())
        .await
}

/// Deliveries that ended long ago, oldest first.
pub(super) async fn ended(tx: &Tx) -> Result<Vec<Ended>, DbError> {
    sql("SELECT checkout_id, id, endpoint_id FROM deliveries
         WHERE status <> 'pending' AND updated_at <= kassa_now($1 - $2) ORDER BY updated_at LIMIT 500")
    .bind(tx.offset_ms())
    .bind(KEPT_MS)
    .rows(tx.conn())
    .await
}

/// Forgets those of them that have not been queued anew since, and counts them out. The caller has locked their queues.
pub(super) async fn forget(tx: &Tx, ended: &[Ended]) -> Result<(), DbError> {
    sql("WITH old AS (
             SELECT d.checkout_id, d.id FROM unnest($1::uuid[], $2::uuid[]) t(checkout_id, id)
             JOIN deliveries d ON d.checkout_id = t.checkout_id AND d.id = t.id
             WHERE d.status <> 'pending' AND d.updated_at <= kassa_now($3 - $4)
         ), attempts AS (
             DELETE FROM delivery_attempts a USING old WHERE a.checkout_id = old.checkout_id AND a.delivery_id = old.id
         ), gone AS (
             DELETE FROM deliveries d USING old WHERE d.checkout_id = old.checkout_id AND d.id = old.id
             RETURNING d.checkout_id, d.endpoint_id, d.status
         )
         UPDATE webhook_queues q SET succeeded = q.succeeded - s.succeeded, failed = q.failed - s.failed
         FROM (
             SELECT checkout_id, endpoint_id, count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
                    count(*) FILTER (WHERE status = 'failed') AS failed
             FROM gone GROUP BY checkout_id, endpoint_id
         ) s
         WHERE q.checkout_id = s.checkout_id AND q.endpoint_id = s.endpoint_id")
    .bind(ended.iter().map(|row| row.checkout_id).collect::<Vec<_>>())
    .bind(ended.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind(tx.offset_ms())
    .bind(KEPT_MS)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Forgets requests for replays that were done long ago; returns how many.
pub(super) async fn forget_replays(tx: &Tx) -> Result<usize, DbError> {
    sql("DELETE FROM webhook_replays WHERE (checkout_id, id) IN (
             SELECT checkout_id, id FROM webhook_replays WHERE finished_at <= kassa_now($1 - $2)
             ORDER BY finished_at LIMIT 500 FOR UPDATE SKIP LOCKED)")
    .bind(tx.offset_ms())
    .bind(KEPT_MS)
    .execute(tx.conn())
    .await
}
