//! Closes attempts that are not wanted any more: here at once, and at the provider as soon as it can be reached.

use super::store::{self, Closed};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, JobKind};
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};

/// Takes back the open attempt of an order, unless it is this one, and those that failed and could still be paid by whoever has the
/// page open. Money that comes all the same is settled like all other.
pub async fn close_open(tx: &Tx, checkout: CheckoutId, order: OrderId, but: Option<PaymentId>) -> Result<(), DbError> {
    for closed in store::close_open(tx, checkout, order, but).await? {
        cancel_closed(tx, checkout, &closed).await?;
    }
    Ok(())
}

/// The same for one attempt; false when nobody can pay it any more, or it is paid.
pub async fn close(tx: &Tx, checkout: CheckoutId, payment: PaymentId) -> Result<bool, DbError> {
    let Some(closed) = store::close(tx, checkout, payment).await? else {
        return Ok(false);
    };
    cancel_closed(tx, checkout, &closed).await?;
    Ok(true)
}

async fn cancel_closed(tx: &Tx, checkout: CheckoutId, closed: &Closed) -> Result<(), DbError> {
    let known = closed.provider_reference.is_some();
    cancel_there(tx, checkout, closed.id, closed.provider, known).await
}

/// Has an attempt cancelled at its provider once this has committed, if that is known there and can be done.
pub async fn cancel_there(
    tx: &Tx,
    checkout: CheckoutId,
    payment: PaymentId,
    provider: super::model::ProviderKind,
    known: bool,
) -> Result<(), DbError> {
    // What is just being started is cancelled by whoever records the start.
    if known && provider.capabilities().cancels {
        jobs::enqueue(tx, checkout, JobKind::CancelPayment, payment.uuid(), 0).await?;
    }
    Ok(())
}
