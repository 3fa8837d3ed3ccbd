//! Every query on events.

use super::model::{Counter, EventRow, NewEvent, Numbered};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, EventId};

pub(super) async fn insert(
    tx: &Tx,
    ids: &[EventId],
    events: Vec<(CheckoutId, NewEvent)>,
    api_version: &str,
) -> Result<(), DbError> {
    let mut checkouts = Vec::with_capacity(events.len());
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (checkout, event) in events {
        checkouts.push(checkout);
        columns.0.push(event.event_type.as_str().to_owned());
        columns.1.push(event.event_type.object().as_str().to_owned());
        columns.2.push(event.object_id);
        columns.3.push(event.object_version);
        columns.4.push(event.test_mode);
        columns.5.push(event.data);
    }
    sql("INSERT INTO events (checkout_id, id, type, object_type, object_id, object_version, test_mode, data, occurred_at, api_version)
         SELECT e.*, kassa_now($1), $2
         FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::int[], $9::bool[], $10::jsonb[]) e")
        .bind(tx.offset_ms())
        .bind(api_version)
        .bind(checkouts)
        .bind(ids)
        .bind(columns.0)
        .bind(columns.1)
        .bind(columns.2)
        .bind(columns.3)
        .bind(columns.4)
        .bind(columns.5)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// A page of the feed: ascending by sequence, after `after`.
pub(super) async fn feed(
    conn: &Conn,
    checkout: CheckoutId,
    after: i64,
    types: Vec<String>,
    test_mode: bool,
    limit: i64,
) -> Result<Vec<EventRow>, DbError> {
    sql(
        "SELECT id, sequence, type, object_type, object_id, object_version, occurred_at, api_version, test_mode, data
         FROM events
         WHERE checkout_id = $1 AND sequence > $2 AND test_mode = $3 AND (cardinality($4) = 0 OR type = ANY($4))
         ORDER BY sequence LIMIT $5",
    )
    .bind(checkout)
    .bind(after)
    .bind(test_mode)
    .bind(types)
    .bind(limit)
    .rows(conn)
    .await
}

/// Events by id, of one checkout.
pub async fn find_by_ids(conn: &Conn, checkout: CheckoutId, ids: Vec<EventId>) -> Result<Vec<EventRow>, DbError> {
    sql(
        "SELECT id, sequence, type, object_type, object_id, object_version, occurred_at, api_version, test_mode, data
         FROM events WHERE checkout_id = $1 AND id = ANY($2)",
    )
    .bind(checkout)
    .bind(ids)
    .rows(conn)
    .await
}

/// One event that has its number.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId, id: EventId) -> Result<Option<EventRow>, DbError> {
    sql(
        "SELECT id, sequence, type, object_type, object_id, object_version, occurred_at, api_version, test_mode, data
         FROM events WHERE checkout_id = $1 AND id = $2 AND sequence IS NOT NULL",
    )
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// Makes the counters of checkouts that have events without a number and have none yet.
pub(super) async fn make_counters(tx: &Tx) -> Result<(), DbError> {
    sql("INSERT INTO event_counters (checkout_id, last_sequence)
         SELECT DISTINCT n.checkout_id, 0 FROM (SELECT checkout_id FROM events WHERE sequence IS NULL ORDER BY id LIMIT 1000) n
         WHERE NOT EXISTS (SELECT 1 FROM event_counters c WHERE c.checkout_id = n.checkout_id)
         ORDER BY n.checkout_id ON CONFLICT (checkout_id) DO NOTHING")
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Locks the counters of checkouts that have events without a number, unless another worker numbers them.
pub(super) async fn lock_counters(tx: &Tx) -> Result<Vec<CheckoutId>, DbError> {
    let rows: Vec<Counter> = sql("SELECT c.checkout_id FROM event_counters c
         WHERE c.checkout_id IN (
             SELECT n.checkout_id FROM (SELECT checkout_id FROM events WHERE sequence IS NULL ORDER BY id LIMIT 1000) n)
         ORDER BY c.checkout_id FOR UPDATE OF c SKIP LOCKED")
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.checkout_id).collect())
}

/// Numbers about a thousand events of checkouts whose counters are locked: the oldest, and what comes before them in their objects.
pub(super) async fn number(tx: &Tx, checkouts: Vec<CheckoutId>) -> Result<Vec<Numbered>, DbError> {
    sql("WITH oldest AS (
             SELECT checkout_id, id, object_id, object_version FROM events
             WHERE sequence IS NULL AND checkout_id = ANY($1) ORDER BY id LIMIT 1000
         ), batch AS (
             SELECT checkout_id, id, object_id, object_version FROM oldest
             UNION
             SELECT e.checkout_id, e.id, e.object_id, e.object_version FROM oldest o
             JOIN events e ON e.checkout_id = o.checkout_id AND e.object_id = o.object_id AND e.object_version < o.object_version
                  AND e.sequence IS NULL
         ), counts AS (
             SELECT checkout_id, count(*) AS n FROM batch GROUP BY checkout_id
         ), bumped AS (
             UPDATE event_counters c SET last_sequence = c.last_sequence + n.n FROM counts n WHERE c.checkout_id = n.checkout_id
             RETURNING c.checkout_id, c.last_sequence
         ), anchored AS (
             -- Oldest first, but no event of an object before an earlier one.
             SELECT *, max(id::text) OVER (PARTITION BY checkout_id, object_id ORDER BY object_version, id
                                           ROWS UNBOUNDED PRECEDING) AS anchor FROM batch
         ), numbered AS (
             SELECT a.checkout_id, a.id, b.last_sequence - c.n
                    + row_number() OVER (PARTITION BY a.checkout_id ORDER BY a.anchor, a.object_version, a.id) AS sequence
             FROM anchored a JOIN counts c USING (checkout_id) JOIN bumped b USING (checkout_id)
         ), written AS (
             UPDATE events e SET sequence = n.sequence FROM numbered n WHERE e.checkout_id = n.checkout_id AND e.id = n.id
             RETURNING e.checkout_id
         )
         SELECT checkout_id, count(*) AS events FROM written GROUP BY checkout_id")
        .bind(checkouts)
        .rows(tx.conn())
        .await
}
