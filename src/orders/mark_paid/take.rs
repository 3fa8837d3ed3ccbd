//! What money that a person speaks of does to its order. The caller holds the order's lock.

use super::kept::Kept;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::attention::raise::{raise, settled};
use crate::orders::model::{AttentionCode, Order, OrderPaymentStatus, OrderStatus};
use crate::orders::place::announce;
use crate::orders::settle::{follow_attempts, pay_with_kept};
use crate::orders::{shortfall, states, store};
use crate::payments::model::Payment;
use crate::payments::store as attempts;

/// New money. It pays the order if it is what was asked for, alone or with what people said of it before; it makes up for exactly what
/// was let go of a paid order; else it is kept apart and raised.
pub(super) async fn take_in(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: Order,
    named: &Payment,
    money: &Payment,
    all: &[Kept],
) -> Result<(), DbError> {
    let came = money.received_amount.unwrap_or(0);
    match order.status {
        OrderStatus::NotPaid => {
            let before: Vec<&Kept> = all
                .iter()
                .filter(|kept| kept.left > 0 && kept.payment.revision == money.revision)
                .filter(|kept| kept.is_said_by_a_person() || kept.payment.id == named.id)
                .collect();
            let with_it = before.iter().map(|kept| kept.left).sum::<i64>() + came;
            let mut parts = vec![(money, came)];
            if with_it == money.amount {
                parts.extend(before.iter().map(|kept| (&kept.payment, kept.left)));
            } else if came != money.amount {
                // The order waits for what it waited for, this attempt aside.
                follow_attempts(tx, checkout, &order, &[]).await?;
                return raise(tx, checkout, order.id, AttentionCode::AmountMismatch).await;
            }
            let id = order.id;
            pay_with_kept(tx, checkout, order, money, &parts).await?;
            let taken: Vec<_> = parts.iter().map(|(part, _)| part.id).collect();
            if all
                .iter()
                .all(|kept| kept.left == 0 || taken.contains(&kept.payment.id))
            {
                settled(tx, checkout, id, AttentionCode::AmountMismatch).await?;
            }
            Ok(())
        }
        OrderStatus::Paid | OrderStatus::Completed
            if may_make_up(&order, money) && came == states::store::unpaid(tx, checkout, order.id).await? =>
        {
            make_up(tx, checkout, &order, money, came).await
        }
        OrderStatus::Deleted => raise(tx, checkout, order.id, AttentionCode::OrphanPayment).await,
        OrderStatus::Paid | OrderStatus::Completed | OrderStatus::Refunded => {
            raise(tx, checkout, order.id, AttentionCode::DoublePayment).await
        }
    }
}

/// Kept money, taken as it is: an unpaid order is paid by it, whatever came; a paid one gets what it was let off.
pub(super) async fn accept(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: Order,
    known: &Kept,
    all: &[Kept],
) -> Result<(), Problem> {
    let id = order.id;
    let beside = all
        .iter()
        .any(|kept| kept.left > 0 && kept.payment.id != known.payment.id);
    let over = match order.status {
        OrderStatus::NotPaid => {
            pay_with_kept(tx, checkout, order, &known.payment, &[(&known.payment, known.left)]).await?;
            false
        }
        OrderStatus::Paid | OrderStatus::Completed => {
            if !may_make_up(&order, &known.payment) {
                return Err(impossible(&order));
            }
            let taken = states::store::unpaid(tx, checkout, id).await?.min(known.left);
            if taken == 0 {
                return Err(impossible(&order));
            }
            make_up(tx, checkout, &order, &known.payment, taken).await?;
            taken < known.left
        }
        OrderStatus::Refunded | OrderStatus::Deleted => return Err(impossible(&order)),
    };
    if !beside && !over {
        for code in [AttentionCode::AmountMismatch, AttentionCode::DoublePayment] {
            settled(tx, checkout, id, code).await?;
        }
    }
    Ok(())
}

/// Money of another currency is of another revision, and an order whose money has all gone back is owed none.
fn may_make_up(order: &Order, money: &Payment) -> bool {
    money.currency == order.currency && order.payment_status != OrderPaymentStatus::Refunded
}

async fn make_up(tx: &Tx, checkout: CheckoutId, order: &Order, payment: &Payment, amount: i64) -> Result<(), DbError> {
    attempts::allocate(tx, checkout, payment, amount).await?;
    shortfall::make_up(tx, checkout, order.id, amount).await?;
    let (status, fulfillment) = (order.status, order.fulfillment_status);
    store::advance(tx, checkout, order, status, order.payment_status, fulfillment).await?;
    announce(tx, checkout, order, &[EventType::OrderUpdated])
        .await
        .map(drop)
}

fn impossible(order: &Order) -> Problem {
    Problem::new(ProblemCode::ImpossibleTransition).detail(format!("the order is {}", order.status))
}
