//! Moves sealed secrets to the newest key, so that an old one can be taken off the ring.

use super::{seal, store};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::secret::Keyring;

/// Seals a batch of secrets anew; returns how many.
pub async fn reseal(db: &Db, keys: &Keyring) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let old = store::under_old_keys(tx, i32::from(keys.newest())).await?;
        let mut moved = 0;
        for setup in &old {
            // A key that is gone is for a person: the merchant gives the secret again.
            let Ok(secrets) = seal::open(keys, setup) else {
                tracing::error!(checkout = %setup.checkout_id, provider = %setup.provider, "no key opens these secrets");
                continue;
            };
            let row = (setup.checkout_id, setup.provider, setup.test_mode);
            store::reseal(tx, setup, &seal::seal(keys, row, &secrets)).await?;
            moved += 1;
        }
        Ok(moved)
    })
    .await
}
