//! Every query on events.

use super::model::{EventRow, NewEvent};
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
