//! The fan-out: numbers events and makes a delivery for every endpoint that listens.
//!
//! It runs after the commit of the events, so orders of one checkout never wait for each other's number; the counter's row is
//! locked for the length of one batch. An event that commits late simply gets a later number.

use super::store;
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::db::{Db, Tx};

/// Numbers a batch of events; returns how many.
pub async fn fan_out(db: &Db) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let found = store::number_events(tx).await?;
        let mut events: Vec<_> = found.iter().map(|row| row.event_id).collect();
        events.dedup();
        let matches: Vec<_> = found
            .into_iter()
            .filter_map(|row| row.endpoint_id.map(|endpoint| (row, endpoint)))
            .collect();
        if !matches.is_empty() {
            store::insert_deliveries(tx, &matches).await?;
            tx.wake(Channel::Deliveries);
        }
        Ok(events.len())
    })
    .await
}
