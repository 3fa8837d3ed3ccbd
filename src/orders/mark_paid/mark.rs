//! Marks a payment as paid: the same path as a provider's news.

use super::views::{MarkPaidInput, PaymentBefore};
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::attention::raise::settled;
use crate::orders::model::{AttentionCode, OrderDetail, OrderStatus};
use crate::orders::settle::{accept, settle};
use crate::orders::store;
use crate::payments::model::{Payment, PaymentStatus, ProviderKind};
use crate::payments::provider::{News, Outcome};
use crate::payments::store as attempts;

/// Records the money; returns the payment before, and the order after.
///
/// The first time it is news like any other: an amount that was not asked for is kept apart and raised. Said again of money that is
/// kept apart, it is taken as it is: the order is paid.
pub async fn mark(
    tx: &mut Tx,
    checkout: CheckoutId,
    (order, id): (OrderId, PaymentId),
    input: &MarkPaidInput,
) -> Result<(PaymentBefore, OrderDetail), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let now = tx.clock().now();
    if input.paid_at.is_some_and(|at| at.0 > now) {
        return Err(Problem::invalid("/paid_at", "range", "must not be in the future"));
    }
    let locked = store::lock_of_payment(tx, checkout, id).await?;
    let locked = locked.filter(|locked| locked.id == order).ok_or_else(not_found)?;
    let payment = attempts::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = PaymentBefore::from(&payment);
    if payment.provider == ProviderKind::Free {
        return Err(impossible("there is nothing to pay"));
    }
    if payment.status == PaymentStatus::Succeeded {
        check_kept(&payment, input.amount)?;
        if locked.status != OrderStatus::NotPaid {
            return Err(impossible(&format!("the order is {}", locked.status)));
        }
        accept(tx, checkout, locked, &payment, input.amount).await?;
        settled(tx, checkout, order, AttentionCode::AmountMismatch).await?;
    } else {
        let at = input.paid_at.map_or(now, |at| at.0);
        attempts::set_seen(tx, checkout, id, at, input.reference.as_ref()).await?;
        let outcome = Outcome::Succeeded {
            received: input.amount,
            currency: payment.currency,
        };
        settle(tx, checkout, &News { payment: id, outcome }).await?;
    }
    let detail = store::detail(tx.conn(), checkout, order).await?.ok_or_else(not_found)?;
    Ok((before, detail))
}

/// Only money that belongs to nothing yet can be given to the order, and only as much as there is.
fn check_kept(payment: &Payment, amount: i64) -> Result<(), Problem> {
    if payment.allocated_amount > 0 {
        return Err(impossible("the payment has been taken already"));
    }
    let kept = payment.unallocated();
    if kept == amount {
        Ok(())
    } else {
        let detail = format!("must be what is kept of it: {kept}");
        Err(Problem::invalid("/amount", "invalid", detail))
    }
}

fn impossible(detail: &str) -> Problem {
    Problem::new(ProblemCode::ImpossibleTransition).detail(detail)
}
