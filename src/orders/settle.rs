//! The one completion path: whatever brings news of a payment, this decides what it means for the order.
//!
//! Success always wins, and news moves only the attempt it names. Money that fits no order as it stands (a second payment, a
//! wrong amount) is kept as received, not allocated, and raised; it never makes the order paid, and never a second order. Money for
//! what the order was before its buyer confirmed again makes that revision the order.

use futures_util::future::try_join_all;
use futures_util::try_join;

use super::attention::raise::raise;
use super::complete::complete_if_done;
use super::model::{AttentionCode, Order, OrderPaymentStatus, OrderStatus};
use super::place::announce;
use super::redeem::redeem_code;
use super::revise::go_back;
use super::shortfall;
use super::states;
use super::store;
use super::transitions::OrderEvent;
use crate::actions;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::payments::close::close_open;
use crate::payments::model::{Payment, PaymentStatus, ProviderKind};
use crate::payments::provider::{News, Outcome};
use crate::payments::store as attempts;

/// Applies news of an attempt that may have been heard before: an answer, or what a person says. News that changes nothing is
/// accepted and ignored; `None` when the attempt is unknown.
pub async fn settle(tx: &mut Tx, checkout: CheckoutId, news: &News) -> Result<Option<OrderId>, DbError> {
    follow(tx, checkout, news, false).await
}

/// Applies what a provider tells by itself, which is taken in once. So another failure of an attempt that failed before is another
/// failure: a second card was declined.
pub async fn settle_told(tx: &mut Tx, checkout: CheckoutId, news: &News) -> Result<Option<OrderId>, DbError> {
    follow(tx, checkout, news, true).await
}

async fn follow(tx: &mut Tx, checkout: CheckoutId, news: &News, told: bool) -> Result<Option<OrderId>, DbError> {
    // Order before payment: the lock order of the house. The attempt is read by a statement after the lock.
    let Some(order) = store::lock_of_payment(tx, checkout, news.payment).await? else {
        return Ok(None);
    };
    let payment = attempts::find(tx.conn(), checkout, news.payment)
        .await?
        .ok_or(DbError::Stale)?;
    let id = order.id;
    match &news.outcome {
        // Nothing was paid: an order of nothing whose attempt was closed is no longer what its buyer wants.
        Outcome::Succeeded { .. } if payment.provider == ProviderKind::Free && !payment.status.is_open() => {}
        Outcome::Succeeded { received, currency } if payment.status.moves_to(PaymentStatus::Succeeded) => {
            let pays = *received == payment.amount && *currency == payment.currency;
            succeeded(tx, checkout, order, &payment, &news.outcome, pays.then_some(*received)).await?;
        }
        Outcome::Failed { .. } if payment.status.moves_to(PaymentStatus::Failed) => {
            attempts::advance(tx, checkout, &payment, &news.outcome, 0).await?;
            attempts::set_failure_untold(tx, checkout, payment.id, !told).await?;
            follow_attempts(tx, checkout, &order, &[EventType::PaymentFailed]).await?;
        }
        // The provider was asked and said so before it told it: this is the same failure.
        Outcome::Failed { .. } if told && payment.status == PaymentStatus::Failed && payment.failure_untold => {
            attempts::set_failure_untold(tx, checkout, payment.id, false).await?;
        }
        Outcome::Failed { .. } if told && payment.status == PaymentStatus::Failed => {
            attempts::advance(tx, checkout, &payment, &news.outcome, 0).await?;
            follow_attempts(tx, checkout, &order, &[EventType::PaymentFailed]).await?;
        }
        Outcome::Pending if payment.status.moves_to(PaymentStatus::Pending) => {
            try_join!(
                attempts::advance(tx, checkout, &payment, &news.outcome, 0),
                follow_attempt(tx, checkout, &order, OrderPaymentStatus::Pending)
            )?;
        }
        Outcome::Cancelled | Outcome::Expired if payment.status.moves_to(PaymentStatus::Cancelled) => {
            attempts::advance(tx, checkout, &payment, &news.outcome, 0).await?;
            follow_attempts(tx, checkout, &order, &[]).await?;
        }
        _ => {}
    }
    Ok(Some(id))
}

async fn succeeded(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: Order,
    payment: &Payment,
    outcome: &Outcome,
    pays: Option<i64>,
) -> Result<(), DbError> {
    let paid = order.status.after(OrderEvent::Paid);
    let Some((paid, received)) = paid.zip(pays) else {
        let why = match order.status {
            OrderStatus::Deleted => AttentionCode::OrphanPayment,
            _ if pays.is_none() => AttentionCode::AmountMismatch,
            _ => AttentionCode::DoublePayment,
        };
        attempts::advance(tx, checkout, payment, outcome, 0).await?;
        // An unpaid order does not wait for this attempt any more: another may be made.
        follow_attempts(tx, checkout, &order, &[]).await?;
        return raise(tx, checkout, order.id, why).await;
    };
    let order = if payment.revision == order.revision {
        order
    } else {
        go_back(tx, checkout, &order, payment).await?
    };
    pay(tx, checkout, order, payment, paid, Some((outcome, received))).await
}

/// Takes money that was kept apart: the order is paid with so much of each of these payments as is there and as it needs. What goes
/// beyond its total stays apart; what is missing is let go. `payment` says which revision is paid.
pub(super) async fn pay_with_kept(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: Order,
    payment: &Payment,
    kept: &[(&Payment, i64)],
) -> Result<(), DbError> {
    let paid = order.status.after(OrderEvent::Paid).ok_or(DbError::Stale)?;
    let order = if payment.revision == order.revision {
        order
    } else {
        go_back(tx, checkout, &order, payment).await?
    };
    let mut missing = order.total;
    for (part, there) in kept {
        let taken = missing.min(*there);
        attempts::allocate(tx, checkout, part, taken).await?;
        missing -= taken;
    }
    shortfall::let_go(tx, checkout, order.id, missing).await?;
    pay(tx, checkout, order, payment, paid, None).await
}

/// The order is paid by this payment, of which there is news, or whose own row says so already.
async fn pay(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: Order,
    payment: &Payment,
    paid: OrderStatus,
    news: Option<(&Outcome, i64)>,
) -> Result<(), DbError> {
    let recorded = async {
        match news {
            Some((outcome, received)) => attempts::advance(tx, checkout, payment, outcome, received).await,
            None => Ok(()),
        }
    };
    // Rows of five tables, none needed by another: one round trip.
    let ((), lines, held, (), runs) = try_join!(
        recorded,
        states::store::deliver_lines(tx, checkout, order.id),
        store::complete_session(tx, checkout, &order),
        // Another attempt at the same order has nothing to pay any more.
        close_open(tx, checkout, order.id, Some(payment.id)),
        actions::store::queue_frozen(tx, checkout, order.id, order.revision),
    )?;
    let enqueued = runs
        .iter()
        .map(|run| jobs::enqueue(tx, checkout, run.action_type.job(), run.id.uuid(), 0));
    try_join!(
        store::advance(tx, checkout, &order, paid, OrderPaymentStatus::Paid, lines.status()),
        try_join_all(enqueued)
    )?;
    let mut events = vec![EventType::PaymentSucceeded];
    if lines.delivered > 0 {
        events.push(EventType::ProductDelivered);
    }
    if redeem_code(tx, checkout, &order, held).await? {
        events.push(EventType::DiscountCodeRedeemed);
    }
    let detail = announce(tx, checkout, &order, &events).await?;
    // An action that was queued just now cannot be done yet.
    if runs.is_empty() {
        complete_if_done(tx, checkout, &detail.order).await?;
    }
    Ok(())
}

/// The payment status of an unpaid order says what its attempts say: news of one may come while another is open. A paid order is
/// past that.
pub(super) async fn follow_attempts(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    events: &[EventType],
) -> Result<(), DbError> {
    let status = if attempts::any_pending(tx, checkout, order.id).await? {
        OrderPaymentStatus::Pending
    } else {
        OrderPaymentStatus::Unpaid
    };
    follow_attempt(tx, checkout, order, status).await?;
    if order.status == OrderStatus::NotPaid && !events.is_empty() {
        announce(tx, checkout, order, events).await?;
    }
    Ok(())
}

async fn follow_attempt(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    status: OrderPaymentStatus,
) -> Result<(), DbError> {
    if order.status != OrderStatus::NotPaid {
        return Ok(());
    }
    store::advance(tx, checkout, order, order.status, status, order.fulfillment_status).await
}
