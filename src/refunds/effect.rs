//! What a refund does to its order when it takes effect, and when that turns out to be wrong. The caller holds the locks of order,
//! lines, payment and refund.

use super::model::Counted;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::CheckoutId;
use crate::orders::follow_refunds::follow_refunds;
use crate::orders::model::Order;
use crate::orders::take_away::{Of, take_away};
use crate::payments::refunds::model::{Ledger, RefundKind, RefundStatus};
use crate::payments::refunds::store as ledger;

const fn counted(status: RefundStatus) -> Counted {
    match status {
        RefundStatus::Pending | RefundStatus::Unknown => Counted::Held,
        RefundStatus::Succeeded | RefundStatus::Recorded => Counted::Refunded,
        RefundStatus::Failed => Counted::Not,
    }
}

/// Counts a refund that has moved from one state (none: it was just written) to another on its lines, its payment and its order.
pub(super) async fn apply(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    moved: &Ledger,
    from: Option<RefundStatus>,
    to: RefundStatus,
) -> Result<(), DbError> {
    let refund = &moved.refund;
    let (before, after) = (from.map_or(Counted::Not, counted), counted(to));
    if before == after {
        return Ok(());
    }
    let gone = |status: RefundStatus| match refund.kind {
        // What belongs to no order is counted nowhere but here: what a person gave back of it is not there any more either.
        RefundKind::Unallocated => status.counts(),
        // A provider moves money; a record moves none.
        RefundKind::Order | RefundKind::Reversal => status == RefundStatus::Succeeded,
    };
    let money = i64::from(gone(to)) - i64::from(from.is_some_and(gone));
    if let (Some(payment), true) = (refund.payment_id, money != 0) {
        let (of_order, of_none) = match refund.kind {
            RefundKind::Unallocated => (0, money * refund.amount),
            RefundKind::Order | RefundKind::Reversal => (money * refund.amount, 0),
        };
        ledger::count_on_payment(tx, checkout, payment, of_order, of_none).await?;
    }
    if refund.kind == RefundKind::Unallocated {
        // No line, no tax, no state of the order moves.
        return Ok(());
    }
    store::count(tx, checkout, &moved.lines, before, after).await?;
    if before != Counted::Refunded && after != Counted::Refunded {
        return Ok(());
    }
    let back = i64::from(after == Counted::Refunded) - i64::from(before == Counted::Refunded);
    let returned = match after {
        Counted::Refunded => take_access(tx, checkout, order, moved).await?,
        Counted::Held | Counted::Not => false,
    };
    let events: &[EventType] = if returned { &[EventType::ProductReturned] } else { &[] };
    follow_refunds(tx, checkout, order, back * refund.amount, events).await
}

/// Takes away the access that the refund says; whether a line is returned by it.
async fn take_access(tx: &Tx, checkout: CheckoutId, order: &Order, moved: &Ledger) -> Result<bool, DbError> {
    let returned = store::mark_returned(tx, checkout, &moved.lines).await? > 0;
    let lines: Vec<_> = (moved.lines.iter())
        .filter(|line| line.remove_access)
        .map(|line| line.order_line_id)
        .collect();
    if !lines.is_empty() {
        take_away(tx, checkout, order.id, Of::Lines(&lines)).await?;
    }
    if moved.refund.remove_offer_access && moved.refund.kind == RefundKind::Order {
        take_away(tx, checkout, order.id, Of::Offer).await?;
    }
    Ok(returned)
}
