//! Delivering again: what staff asked for, done in batches, so that a replay of a million events holds up nothing else.
//!
//! A delivery that ended is queued anew with a schedule of its own; one that is pending stays as it is; an event that was never
//! delivered to the endpoint gets its delivery. Attempts of before are kept.

mod store;

use futures_util::try_join;

pub use store::{Again, Scope, again, arrange, count, insert, last_read, same_open};

use super::model::Replay;
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::db::{Db, Tx};

/// How many numbers of the log a batch goes through.
const BATCH: i64 = 1000;

/// Does a batch of the oldest replay; returns how many there were to do.
pub async fn step(db: &Db) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let Some(replay) = store::lock_oldest(tx).await? else {
            return Ok(0);
        };
        batch(tx, &replay).await?;
        tx.wake(Channel::Deliveries);
        Ok(1)
    })
    .await
}

async fn batch(tx: &Tx, replay: &Replay) -> Result<(), DbError> {
    let (checkout, endpoint) = (replay.checkout_id, replay.endpoint_id);
    super::store::lock(tx, checkout, endpoint).await?;
    let until = replay.until_sequence.min(replay.after_sequence + BATCH);
    let scope = Scope {
        after: replay.after_sequence,
        until,
        since: replay.since,
        before: replay.until,
        types: replay.types.clone(),
        only_failed: replay.only_failed,
    };
    let events = store::events(tx, checkout, endpoint, &scope).await?;
    if !events.is_empty() {
        store::again(tx, checkout, endpoint, &events, !replay.only_failed).await?;
    }
    let finished = until >= replay.until_sequence;
    let ((), ()) = try_join!(
        store::arrange(tx, checkout, endpoint, &events),
        store::moved_on(tx, replay, until, finished)
    )?;
    Ok(())
}
