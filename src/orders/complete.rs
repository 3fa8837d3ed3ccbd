//! Completes a paid order once every one of its actions has succeeded.

use super::attention::raise::end;
use super::model::{AttentionCode, Order, OrderEvent};
use super::place::announce;
use super::store;
use crate::actions;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::CheckoutId;

/// Completes the order if nothing is left to do. The caller holds the order's lock and has read it under it.
pub(super) async fn complete_if_done(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<(), DbError> {
    let Some(completed) = order.status.after(OrderEvent::ActionsDone) else {
        return Ok(());
    };
    if !actions::store::all_succeeded(tx, checkout, order.id).await? {
        return Ok(());
    }
    store::advance(
        tx,
        checkout,
        order,
        completed,
        order.payment_status,
        order.fulfillment_status,
    )
    .await?;
    end(tx, checkout, order.id, AttentionCode::ActionsIncomplete).await?;
    announce(tx, checkout, order, &[EventType::OrderCompleted])
        .await
        .map(drop)
}
