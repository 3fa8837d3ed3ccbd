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
use crate::kernel::ids::{CheckoutId, LineId, OrderId};

/// Completes the order if nothing is left to do. The caller holds the order's lock and has read it under it.
pub(super) async fn complete_if_done(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<(), DbError> {
    follow_actions(tx, checkout, order, None).await
}

/// An action has succeeded: the line it belongs to is delivered with the last of its own, the order is completed with the last of all.
pub(super) async fn follow_actions(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    line: Option<LineId>,
) -> Result<(), DbError> {
    let delivered = match line {
        Some(line) => states::store::deliver_line(tx, checkout, order.id, line).await?,
        None => false,
    };
    let completed = match order.status.after(OrderEvent::ActionsDone) {
        Some(completed) if actions::store::all_succeeded(tx, checkout, order.id).await? => Some(completed),
        _ => None,
    };
    let mut events = Vec::new();
    let mut fulfillment = order.fulfillment_status;
    if delivered {
        fulfillment = states::store::fulfillment(tx, checkout, order.id).await?;
        events.push(EventType::ProductDelivered);
    }
    if completed.is_some() {
        events.push(EventType::OrderCompleted);
    }
    if events.is_empty() {
        return Ok(());
    }
    let status = completed.unwrap_or(order.status);
    store::advance(tx, checkout, order, status, order.payment_status, fulfillment).await?;
    if completed.is_some() {
        end_incomplete(tx, checkout, order.id).await?;
    }
    announce(tx, checkout, order, &events).await.map(drop)
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

/// What was to be done is done: no reason to look at the order, unless something could not be taken back.
pub(super) async fn end_incomplete(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    if actions::store::revocation_failed(tx, checkout, order).await? {
        return Ok(());
    }
    end(tx, checkout, order, AttentionCode::ActionsIncomplete).await
}
