//! Forgets what is kept no longer.

use super::store::{self, BATCH};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::webhooks::queues::model::QueueKey;
use crate::webhooks::queues::store::lock_all;

/// How many batches one sweep does of each kind at the most: with a sweep every half minute, some fifty million deliveries a day.
const BATCHES: usize = 40;

/// Forgets deliveries to deleted endpoints, and what ended long ago; returns how much there was.
pub async fn sweep(db: &Db) -> Result<usize, DbError> {
    let mut swept = 0;
    for _ in 0..BATCHES {
        let gone = of_deleted(db).await?;
        swept += gone;
        if gone == 0 {
            break;
        }
    }
    for _ in 0..BATCHES {
        let gone = ended(db).await?;
        swept += gone;
        if gone < BATCH {
            break;
        }
    }
    let replays = db
        .write(async |tx: &mut Tx| -> Result<usize, DbError> { store::forget_replays(tx).await })
        .await?;
    Ok(swept + replays)
}

/// A batch of what was meant for an endpoint that is deleted; after the last one its queue goes too.
async fn of_deleted(db: &Db) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let Some(queue) = store::lock_deleted(tx).await? else {
            return Ok(0);
        };
        let gone = store::forget_of(tx, queue).await?;
        if gone < BATCH {
            store::forget_queue(tx, queue).await?;
            return Ok(gone + 1);
        }
        Ok(gone)
    })
    .await
}

/// A batch of what ended long ago. Whoever queues a delivery anew has locked its queue: so nobody does meanwhile.
async fn ended(db: &Db) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let ended = store::ended(tx).await?;
        if ended.is_empty() {
            return Ok(0);
        }
        let mut queues: Vec<QueueKey> = ended
            .iter()
            .map(|row| QueueKey {
                checkout_id: row.checkout_id,
                endpoint_id: row.endpoint_id,
            })
            .collect();
        queues.sort_unstable();
        queues.dedup();
        lock_all(tx, &queues).await?;
        store::forget(tx, &ended).await?;
        Ok(ended.len())
    })
    .await
}
