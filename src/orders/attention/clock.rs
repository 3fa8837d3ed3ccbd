//! Raises what is not done in time: orders that were paid a while ago and are not completed.

use super::raise::raise;
use super::store;
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::orders::model::{AttentionCode, OrderStatus};
use crate::orders::store as orders;

/// Raises a batch; returns how many. The reason ends with the completion of the order.
pub async fn raise_incomplete(db: &Db) -> Result<usize, DbError> {
    let due = {
        let conn = db.read().await?;
        store::incomplete(&conn, db.clock().offset_ms()).await?
    };
    for late in &due {
        let (checkout, id) = (late.checkout_id, late.order_id);
        db.write(async |tx: &mut Tx| -> Result<(), DbError> {
            match orders::lock(tx, checkout, id).await? {
                Some(order) if order.status == OrderStatus::Paid => {
                    raise(tx, checkout, id, AttentionCode::ActionsIncomplete).await
                }
                _ => Ok(()),
            }
        })
        .await?;
    }
    Ok(due.len())
}
