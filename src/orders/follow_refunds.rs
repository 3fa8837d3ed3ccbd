//! The states of an order follow what went back of its money. The caller holds the order's lock.

use super::complete::{complete_if_done, end_incomplete};
use super::model::{Order, OrderPaymentStatus, OrderStatus};
use super::place::announce;
use super::states;
use super::store;
use super::transitions::OrderEvent;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::CheckoutId;

/// Counts `back` more minor units as gone back (fewer, when it is negative) and puts the states where the sums say.
pub async fn follow_refunds(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    back: i64,
    events: &[EventType],
) -> Result<(), DbError> {
    let refunded = order.refunded_amount + back;
    let paid = order.total - states::store::unpaid(tx, checkout, order.id).await?;
    let all = refunded == paid && paid > 0;
    let payment_status = match refunded {
        0 => OrderPaymentStatus::Paid,
        _ if all => OrderPaymentStatus::Refunded,
        _ => OrderPaymentStatus::PartiallyRefunded,
    };
    let undone = match order.completed_at {
        Some(_) => OrderEvent::RefundUndoneAfterCompletion,
        None => OrderEvent::RefundUndone,
    };
    let event = if all { OrderEvent::Refunded } else { undone };
    let moved = order.status.after(event);
    states::store::follow_refunds(
        tx,
        checkout,
        order,
        moved.unwrap_or(order.status),
        payment_status,
        refunded,
    )
    .await?;
    let mut told = Vec::new();
    if moved == Some(OrderStatus::Refunded) {
        end_incomplete(tx, checkout, order.id).await?;
        told.push(EventType::OrderRefunded);
    }
    told.extend_from_slice(events);
    if !told.is_empty() {
        announce(tx, checkout, order, &told).await?;
    }
    if moved.unwrap_or(order.status) == OrderStatus::Paid {
        // Its actions may have been done while it was refunded, or the last that was not is cancelled with its line.
        let order = store::lock(tx, checkout, order.id).await?.ok_or(DbError::Stale)?;
        complete_if_done(tx, checkout, &order).await?;
    }
    Ok(())
}
