//! Tells the world of refunds.

use super::store;
use super::views::RefundView;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::{EventType, NewEvent, publish};
use crate::kernel::ids::{CheckoutId, RefundId};

/// Publishes what happened to a refund.
pub async fn tell(tx: &Tx, checkout: CheckoutId, id: RefundId, event: EventType) -> Result<(), DbError> {
    let row = store::find(tx.conn(), checkout, id).await?.ok_or(DbError::Stale)?;
    let of_order = store::of_order(tx.conn(), checkout, row.order_id).await?;
    let told = of_order
        .into_iter()
        .find(|told| told.refund.id == id)
        .ok_or(DbError::Stale)?;
    let (version, test_mode) = (told.refund.version, told.refund.test_mode);
    let data = serde_json::to_value(RefundView::from(told)).map_err(|error| DbError::Defect(error.to_string()))?;
    let event = NewEvent {
        event_type: event,
        object_id: id.uuid(),
        object_version: version,
        test_mode,
        data,
    };
    publish(tx, checkout, vec![event]).await
}
