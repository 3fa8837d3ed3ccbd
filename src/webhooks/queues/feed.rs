//! The fan-out: numbers events, then reads them for every endpoint of their checkouts.

use std::collections::BTreeMap;

use super::model::QueueKey;
use super::{replay, store};
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::db::{Db, Tx};
use crate::events;
use crate::kernel::ids::CheckoutId;

/// Numbers a batch of events, reads on for the endpoints, and does a batch of a replay; returns how much there was to do.
pub async fn fan_out(db: &Db) -> Result<usize, DbError> {
    let (checkouts, numbered) = db
        .write(async |tx: &mut Tx| -> Result<(Vec<CheckoutId>, usize), DbError> { events::number(tx).await })
        .await?;
    // Without new numbers every endpoint is looked at: what a worker that died has not read, what was enabled again.
    let of = (numbered > 0).then_some(checkouts);
    let read = db
        .write(async |tx: &mut Tx| -> Result<usize, DbError> { feed(tx, of.as_deref()).await })
        .await?;
    let replayed = match numbered {
        0 => replay::step(db).await?,
        _ => 0,
    };
    Ok(numbered + read + replayed)
}

/// Reads the next events for up to 32 endpoints that are behind their log; returns how many were read.
async fn feed(tx: &Tx, checkouts: Option<&[CheckoutId]>) -> Result<usize, DbError> {
    let behind = match checkouts {
        Some(checkouts) => store::lock_behind_of(tx, checkouts).await?,
        None => store::lock_behind(tx).await?,
    };
    if behind.is_empty() {
        return Ok(0);
    }
    // A statement of its own: it sees all that was committed before the locks were there.
    let news = store::news(tx, &behind).await?;
    let mut read_to: BTreeMap<QueueKey, i64> = BTreeMap::new();
    for row in &news {
        let key = QueueKey {
            checkout_id: row.checkout_id,
            endpoint_id: row.endpoint_id,
        };
        read_to.insert(key, row.sequence);
    }
    let heard: Vec<_> = news.iter().filter(|row| row.listens).copied().collect();
    store::queue(tx, &heard, &read_to).await?;
    if !heard.is_empty() {
        tx.wake(Channel::Deliveries);
    }
    Ok(news.len())
}
