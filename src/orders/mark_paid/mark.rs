//! Marks a payment as paid: what a person says of money.

use super::kept::{Kept, kept_of_order};
use super::take::{accept, take_in};
use super::views::{MarkPaidInput, PaymentBefore};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::model::OrderDetail;
use crate::orders::store;
use crate::payments::model::{Payment, PaymentStatus, ProviderKind};
use crate::payments::provider::Outcome;
use crate::payments::store as attempts;

/// Records the money; returns the payment before, and the order after.
///
/// Money that is new is kept apart or pays the order ([`take_in`]). Money that is known and kept apart, said again, is taken as it is
/// ([`accept`]).
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
    let named = attempts::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    if named.provider == ProviderKind::Free {
        return Err(impossible("there is nothing to pay"));
    }
    let all = kept_of_order(tx, checkout, order).await?;
    if let Some(known) = known(&all, &named, input)? {
        accept(tx, checkout, locked, known, &all).await?;
    } else {
        let at = input.paid_at.map_or(now, |at| at.0);
        let money = record(tx, checkout, &named, input, at).await?;
        take_in(tx, checkout, locked, &named, &money, &all).await?;
    }
    let detail = store::detail(tx.conn(), checkout, order).await?.ok_or_else(not_found)?;
    Ok((PaymentBefore::from(&named), detail))
}

/// The kept money that is spoken of again; none when the money is new.
///
/// What a bank calls a transfer tells it apart from others of the same amount. Without that, the amount alone has to: so a request
/// that is only repeated never becomes a second payment.
fn known<'a>(all: &'a [Kept], named: &Payment, input: &MarkPaidInput) -> Result<Option<&'a Kept>, Problem> {
    let is_named = |kept: &Kept| kept.payment.id == named.id;
    let mut spoken: Vec<&Kept> = all
        .iter()
        .filter(|kept| is_named(kept) || kept.is_said_by_a_person())
        .collect();
    spoken.sort_by_key(|kept| !is_named(kept));
    let said = input.reference.as_ref().map(crate::kernel::text::Label::as_str);
    let at = input.paid_at.map(|at| at.0.timestamp_millis());
    let told_apart = |kept: &Kept| match said {
        Some(_) => kept.payment.bank_reference.as_deref() != said,
        None => at.is_some() && kept.payment.received_at.map(|at| at.timestamp_millis()) != at,
    };
    spoken.retain(|kept| !told_apart(kept));
    let same = spoken.iter().find(|kept| kept.left > 0 && kept.left == input.amount);
    if let Some(same) = same {
        return Ok(Some(same));
    }
    let repeated = spoken
        .iter()
        .find(|kept| kept.payment.received_amount == Some(input.amount));
    match repeated {
        None => Ok(None),
        Some(whole) if whole.left == 0 && whole.payment.allocated_amount > 0 => Err(impossible(
            "the payment has been taken already; another one of the same amount is told apart by its reference",
        )),
        Some(part) => {
            let detail = format!("must be what is kept of it: {}", part.left);
            Err(Problem::invalid("/amount", "invalid", detail))
        }
    }
}

/// Writes down money that is new: on the attempt that waits for it, if a person is the only one to say so. What a provider takes,
/// that provider will tell of: money that was seen elsewhere is a payment of its own, and the provider's is a second one if it comes.
async fn record(
    tx: &Tx,
    checkout: CheckoutId,
    named: &Payment,
    input: &MarkPaidInput,
    at: Instant,
) -> Result<Payment, DbError> {
    if named.provider.is_told_by_people() && named.status != PaymentStatus::Succeeded {
        let outcome = Outcome::Succeeded {
            received: input.amount,
            currency: named.currency,
        };
        attempts::set_seen(tx, checkout, named.id, at, input.reference.as_ref()).await?;
        attempts::advance(tx, checkout, named, &outcome, 0).await?;
        return attempts::find(tx.conn(), checkout, named.id)
            .await?
            .ok_or(DbError::Stale);
    }
    let now = tx.clock().now();
    let seen = Payment {
        id: PaymentId::generate(tx.clock()),
        provider: ProviderKind::Offline,
        method: None,
        status: PaymentStatus::Succeeded,
        received_amount: Some(input.amount),
        allocated_amount: 0,
        refunded_amount: 0,
        refunded_unallocated: 0,
        provider_reference: None,
        handover: None,
        error_code: None,
        error_retryable: None,
        failure_untold: false,
        received_at: Some(at),
        bank_reference: input.reference.as_ref().map(ToString::to_string),
        created_at: now,
        updated_at: now,
        ..named.clone()
    };
    attempts::insert_seen(tx, checkout, &seen).await?;
    Ok(seen)
}

fn impossible(detail: &str) -> Problem {
    Problem::new(ProblemCode::ImpossibleTransition).detail(detail)
}
