//! Every query on deliveries that are looked at.

use super::model::{Delivery, DeliveryAttempt};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, DeliveryId, WebhookEndpointId};
use crate::kernel::page::{Page, PageRequest};

/// A page of deliveries to an endpoint, newest first.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    page: &PageRequest,
) -> Result<Page<Delivery>, DbError> {
    let rows = sql(
        "SELECT id, event_id, object_id, sequence, status, blocked, overtaken, attempts, next_attempt_at, last_status, last_error,
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

/// One delivery to an endpoint.
pub(super) async fn find(
    conn: &Conn,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    id: DeliveryId,
) -> Result<Option<Delivery>, DbError> {
    sql(
        "SELECT id, event_id, object_id, sequence, status, blocked, overtaken, attempts, next_attempt_at, last_status, last_error,
                last_duration_ms, last_attempt_at, created_at, updated_at
         FROM deliveries WHERE checkout_id = $1 AND endpoint_id = $2 AND id = $3",
    )
    .bind(checkout)
    .bind(endpoint)
    .bind(id)
    .row(conn)
    .await
}

/// The attempts of a delivery, the last hundred, newest first.
pub(super) async fn attempts(
    conn: &Conn,
    checkout: CheckoutId,
    delivery: DeliveryId,
) -> Result<Vec<DeliveryAttempt>, DbError> {
    sql(
        "SELECT number, attempted_at, duration_ms, status, error, answer FROM delivery_attempts
         WHERE checkout_id = $1 AND delivery_id = $2 ORDER BY number DESC LIMIT 100",
    )
    .bind(checkout)
    .bind(delivery)
    .rows(conn)
    .await
}

/// Makes a pending delivery due now, unless it is being sent. The caller has locked the queue.
pub(super) async fn hurry(
    tx: &Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    id: DeliveryId,
) -> Result<(), DbError> {
    sql("WITH hurried AS (
             UPDATE deliveries SET next_attempt_at = kassa_now($1), updated_at = kassa_now($1)
             WHERE checkout_id = $2 AND id = $3 AND status = 'pending' AND (lease_until IS NULL OR lease_until <= kassa_now($1))
         )
         UPDATE webhook_queues SET due_at = least(due_at, kassa_now($1)) WHERE checkout_id = $2 AND endpoint_id = $4")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(id)
    .bind(endpoint)
    .execute(tx.conn())
    .await
    .map(drop)
}
