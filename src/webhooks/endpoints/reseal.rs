//! Moves the secrets of endpoints to the newest key, so that an old one can be taken off the ring.

use super::{secrets, store};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::secret::Keyring;

/// Seals a batch anew; returns how many.
pub async fn reseal(db: &Db, keys: &Keyring) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let old = store::under_old_keys(tx, i32::from(keys.newest())).await?;
        let renewed = keys.renewed(&old, |row| {
            (secrets::place(row.checkout_id, row.id), &row.secret_sealed)
        });
        for (row, sealed) in &renewed {
            // One that no key opens is of no use to anybody: it ends before its time.
            let previous = row.previous_secret_sealed.as_deref();
            let previous =
                previous.and_then(|sealed| keys.reseal(&secrets::place(row.checkout_id, row.id), sealed).ok());
            store::reseal(tx, row, sealed, previous).await?;
        }
        Ok(renewed.len())
    })
    .await
}
