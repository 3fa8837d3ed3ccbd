//! Numbers what was paid.

use super::store;
use crate::db::error::DbError;
use crate::db::{Db, Tx};

/// Numbers a batch of paid orders in the order of their payment; returns how many.
pub async fn number_receipts(db: &Db) -> Result<usize, DbError> {
    {
        // Most often there is nothing to do, and then no transaction is opened for it.
        let conn = db.read().await?;
        if !store::any_due(&conn).await? {
            return Ok(0);
        }
    }
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> { store::number(tx).await })
        .await
}
