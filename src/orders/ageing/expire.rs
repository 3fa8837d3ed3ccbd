//! Deletes orders that nobody paid for so long that they are given up.

use super::store::{self, Due};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::orders::cancel::delete::delete;
use crate::orders::cancel::store as cancellation;
use crate::orders::model::DeletionReason;
use crate::orders::store as orders;

/// Deletes a batch; returns how many. Each in a transaction of its own, so that one that cannot be deleted keeps no other.
pub async fn delete_overdue(db: &Db) -> Result<usize, DbError> {
    let due = {
        let conn = db.read().await?;
        store::overdue(&conn, db.clock().offset_ms()).await?
    };
    let mut deleted = 0;
    for order in due {
        match db
            .write(async |tx: &mut Tx| -> Result<bool, DbError> { expire(tx, order).await })
            .await
        {
            Ok(true) => deleted += 1,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, order = %order.id, "an overdue order was not deleted"),
        }
    }
    Ok(deleted)
}

async fn expire(tx: &mut Tx, due: Due) -> Result<bool, DbError> {
    let (checkout, id) = (due.checkout_id, due.id);
    // The session before its order: the order of locks of everything that its buyer does.
    cancellation::lock_session(tx, checkout, id).await?;
    let Some(order) = orders::lock(tx, checkout, id).await? else {
        return Ok(false);
    };
    // Paid, cancelled, or deleted by another worker meanwhile.
    if !store::is_overdue(tx, checkout, id).await? {
        return Ok(false);
    }
    let deleted = delete(tx, checkout, &order, DeletionReason::UnpaidExpired, None).await?;
    Ok(deleted.is_some())
}
