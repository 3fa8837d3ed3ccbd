//! Moves sealed secrets of actions to the newest key, so that an old one can be taken off the ring.

use super::{seal, store};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::secret::Keyring;

/// Seals a batch anew; returns how many.
pub async fn reseal(db: &Db, keys: &Keyring) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let old = store::under_old_keys(tx, i32::from(keys.newest())).await?;
        let renewed = keys.renewed(&old, |row| (seal::place(row.checkout_id, row.id), &row.secrets));
        for (row, sealed) in &renewed {
            store::reseal(tx, row, sealed).await?;
        }
        Ok(renewed.len())
    })
    .await
}
