//! Tidies up after holds whose time was over long ago. Correctness never waits for it: a hold counts by its time, and who finds a
//! code full ends what is overdue in that moment.

use super::release::count_out;
use super::store;
use crate::db::error::DbError;
use crate::db::{Db, Tx};

/// How long an overdue hold is left to its session, which may come back and revive it, in milliseconds: an hour.
const LEFT_MS: i64 = 3_600_000;

/// Ends old overdue holds; returns how many.
pub async fn lapse_old(db: &Db) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let ended = store::lapse_old(tx, LEFT_MS).await?;
        count_out(tx, &ended).await?;
        Ok(ended.len())
    })
    .await
}
