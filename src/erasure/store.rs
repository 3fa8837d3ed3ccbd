//! Every query that looks for what is kept of a person, in whichever room's tables it is.

use diesel::QueryableByName;

use super::orders::Traces;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::schema::{events, idempotency_keys};
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, EventId, OrderId};
use crate::kernel::text::Label;
use crate::kernel::vat_number::VatNumber;

/// An event and what it says.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = events)]
pub(super) struct Told {
    pub id: EventId,
    pub data: serde_json::Value,
}

/// The events of orders and sessions.
pub(super) async fn events_about(tx: &Tx, checkout: CheckoutId, traces: &Traces) -> Result<Vec<Told>, DbError> {
    sql("SELECT id, data FROM events WHERE checkout_id = $1 AND object_id IN (
             SELECT unnest($2::uuid[]) UNION ALL SELECT unnest($3::uuid[])
             UNION ALL SELECT r.id FROM refunds r WHERE r.checkout_id = $1 AND r.order_id = ANY($2)
             UNION ALL SELECT l.id FROM licenses l WHERE l.checkout_id = $1 AND l.order_id = ANY($2))
         ORDER BY id FOR NO KEY UPDATE")
    .bind(checkout)
    .bind(&traces.orders)
    .bind(&traces.sessions)
    .rows(tx.conn())
    .await
}

pub(super) async fn rewrite_events(
    tx: &Tx,
    checkout: CheckoutId,
    ids: &[EventId],
    data: Vec<serde_json::Value>,
) -> Result<(), DbError> {
    sql(
        "UPDATE events e SET data = w.data FROM unnest($1::uuid[], $2::jsonb[]) w(id, data)
         WHERE e.checkout_id = $3 AND e.id = w.id",
    )
    .bind(ids)
    .bind(data)
    .bind(checkout)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Receivers of events may have answered with what they were sent. Bodies of deliveries are not kept: they are made of the events.
pub(super) async fn clear_answers_of_receivers(tx: &Tx, checkout: CheckoutId, ids: &[EventId]) -> Result<(), DbError> {
    sql(
        "UPDATE deliveries d SET last_answer = NULL, last_error = NULL FROM webhook_endpoints w
         WHERE w.checkout_id = $1 AND d.checkout_id = $1 AND d.endpoint_id = w.id AND d.event_id = ANY($2)",
    )
    .bind(checkout)
    .bind(ids)
    .execute(tx.conn())
    .await?;
    sql(
        "UPDATE delivery_attempts a SET answer = NULL FROM webhook_endpoints w, deliveries d
         WHERE w.checkout_id = $1 AND d.checkout_id = $1 AND d.endpoint_id = w.id AND d.event_id = ANY($2)
             AND a.checkout_id = $1 AND a.delivery_id = d.id AND a.answer IS NOT NULL",
    )
    .bind(checkout)
    .bind(ids)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// What went wrong with an action may name the buyer's mailbox, what staff and banks write may name the buyer.
pub(super) async fn clear_words(tx: &Tx, checkout: CheckoutId, orders: &[OrderId]) -> Result<(), DbError> {
    sql(
        "UPDATE jobs SET last_error = NULL WHERE checkout_id = $1 AND last_error IS NOT NULL AND object_id IN (
             SELECT r.id FROM action_runs r WHERE r.checkout_id = $1 AND r.order_id = ANY($2)
             UNION ALL SELECT p.id FROM payments p WHERE p.checkout_id = $1 AND p.order_id = ANY($2))",
    )
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await?;
    // Other services know the buyer by what a run leaves, and a license may name who it is for.
    sql("UPDATE action_runs SET last_error = NULL, outcome = NULL
         WHERE checkout_id = $1 AND order_id = ANY($2) AND (last_error IS NOT NULL OR outcome IS NOT NULL)")
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await?;
    sql(
        "UPDATE action_attempts a SET message = NULL FROM action_runs r
         WHERE r.checkout_id = $1 AND r.order_id = ANY($2) AND a.checkout_id = $1 AND a.run_id = r.id AND a.message IS NOT NULL",
    )
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await?;
    sql("UPDATE licenses SET content = NULL WHERE checkout_id = $1 AND order_id = ANY($2) AND content IS NOT NULL")
        .bind(checkout)
        .bind(orders)
        .execute(tx.conn())
        .await?;
    sql("UPDATE payments SET handover = NULL, bank_reference = NULL
         WHERE checkout_id = $1 AND order_id = ANY($2) AND (handover IS NOT NULL OR bank_reference IS NOT NULL)")
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await?;
    sql("UPDATE refunds SET comment = NULL, metadata = '{}'
         WHERE checkout_id = $1 AND order_id = ANY($2) AND (comment IS NOT NULL OR metadata <> '{}')")
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await?;
    sql("UPDATE order_attention SET note = NULL WHERE checkout_id = $1 AND order_id = ANY($2) AND note IS NOT NULL")
        .bind(checkout)
        .bind(orders)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Mails about orders that were not sent yet.
pub(super) async fn drop_mails(tx: &Tx, orders: &[OrderId]) -> Result<(), DbError> {
    sql("DELETE FROM mails WHERE about = ANY($1)")
        .bind(orders)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// What VIES said of a number that nobody else has, and whose it said a number is that others have.
pub(super) async fn drop_vat_check(
    tx: &Tx,
    checkout: CheckoutId,
    number: &Label,
    normal: Option<&VatNumber>,
) -> Result<(), DbError> {
    sql(
        "DELETE FROM vat_checks v WHERE v.checkout_id = $1 AND v.vat_number IN ($2, $3)
             AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.checkout_id = $1 AND o.vat_number IN ($2, $3))
             AND NOT EXISTS (SELECT 1 FROM checkout_sessions s
                 WHERE s.checkout_id = $1 AND s.vat_number IN ($2, $3) AND s.status = 'open')",
    )
    .bind(checkout)
    .bind(number)
    .bind(normal)
    .execute(tx.conn())
    .await?;
    sql("UPDATE vat_checks SET name = NULL, address = NULL, last_error = NULL WHERE checkout_id = $1 AND vat_number IN ($2, $3)")
        .bind(checkout)
        .bind(number)
        .bind(normal)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// An answer that is kept for a repeated request.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = idempotency_keys)]
pub(super) struct Kept {
    pub scope: Vec<u8>,
    #[diesel(sql_type = diesel::sql_types::Binary)]
    pub body: Vec<u8>,
}

/// Stored answers in which one of these ids stands. Sealed ones hold secrets of staff and nothing of buyers.
pub(super) async fn answers_about(tx: &Tx, checkout: CheckoutId, named: Vec<String>) -> Result<Vec<Kept>, DbError> {
    let names: Vec<Vec<u8>> = named.into_iter().map(String::into_bytes).collect();
    sql("SELECT scope, body FROM idempotency_keys
         WHERE tenant_id = $1 AND NOT sealed AND body IS NOT NULL
             AND EXISTS (SELECT 1 FROM unnest($2::bytea[]) n(name) WHERE position(n.name IN body) > 0)")
    .bind(checkout)
    .bind(names)
    .rows(tx.conn())
    .await
}

pub(super) async fn rewrite_answer(tx: &Tx, checkout: CheckoutId, scope: &[u8], body: Vec<u8>) -> Result<(), DbError> {
    sql("UPDATE idempotency_keys SET body = $1 WHERE tenant_id = $2 AND scope = $3")
        .bind(body)
        .bind(checkout)
        .bind(scope)
        .execute(tx.conn())
        .await
        .map(drop)
}
