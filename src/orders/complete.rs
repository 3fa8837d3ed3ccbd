//! Completes a paid order once every one of its actions has succeeded.

use super::attention::raise::end;
use super::model::{AttentionCode, Order};
use super::place::announce;
use super::states;
use super::store;
use super::transitions::OrderEvent;
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

/// Completes an order because a member of staff says so; `order.completed` is told once in its life. The caller holds its lock.
pub async fn complete_by_staff(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<(), DbError> {
    let completed = order.status.after(OrderEvent::CompletedByStaff).ok_or(DbError::Stale)?;
    states::store::complete(tx, checkout, order, completed).await?;
    end(tx, checkout, order.id, AttentionCode::ActionsIncomplete).await?;
    let event = match order.completed_at {
        None => EventType::OrderCompleted,
        Some(_) => EventType::OrderUpdated,
    };
    announce(tx, checkout, order, &[event]).await.map(drop)
}
