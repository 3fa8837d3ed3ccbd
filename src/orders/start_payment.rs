//! Starts an order's payment at its provider: once, however many callers ask, whoever of them dies.

use futures_util::try_join;

use super::instructions;
use super::place::start_job;
use super::settle::settle;
use super::store;
use super::tell_provider::tell;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, JobKind};
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::payments::close::cancel_there;
use crate::payments::desk::Desk;
use crate::payments::handover;
use crate::payments::model::{Payment, PaymentStatus};
use crate::payments::provider::{Handover, News, Outcome, ProviderError, Started};
use crate::payments::start::{Turn, await_turn};
use crate::payments::store as attempts;

/// When a provider that has said nothing is asked for the first time, in milliseconds.
const FIRST_ASKED_MS: i64 = 60_000;

/// Waits for the attempt to be started, or starts it when that is this caller's turn. False when another caller is still at it:
/// should that one die, somebody has to come again.
pub async fn start_payment(desk: &Desk, checkout: CheckoutId, id: PaymentId) -> Result<bool, DbError> {
    match await_turn(&desk.db, checkout, id).await? {
        None => Ok(true),
        Some(Turn::Done(payment)) => Ok(payment.status != PaymentStatus::Created),
        Some(Turn::Call(payment)) => start(desk, checkout, &payment).await.map(|()| true),
    }
}

/// Starts the attempt. The caller holds its lease: by having written it, or by its turn.
pub async fn start(desk: &Desk, checkout: CheckoutId, payment: &Payment) -> Result<(), DbError> {
    let started = match payment.provider.start_here(payment) {
        Some(started) => Ok(started),
        None => ask_to_start(desk, checkout, payment).await?,
    };
    record(desk, checkout, payment, started).await
}

/// The call that may take seconds: no transaction and no connection is held here.
async fn ask_to_start(
    desk: &Desk,
    checkout: CheckoutId,
    payment: &Payment,
) -> Result<Result<Started, ProviderError>, DbError> {
    let refused = |code: &str| {
        Ok(Err(ProviderError::Refused {
            code: code.to_owned(),
            retryable: false,
        }))
    };
    let Some(account) = desk.account(checkout, payment).await? else {
        return refused("payment_method_unavailable");
    };
    let detail = {
        let conn = desk.db.read().await?;
        store::detail(&conn, checkout, payment.order_id).await?
    };
    let Some(detail) = detail else {
        return refused("order_gone");
    };
    // The order was revised meanwhile, and with that this attempt was closed: nobody will pay it.
    if detail.order.revision != payment.revision {
        return refused("order_changed");
    }
    let urls = desk.providers.urls(checkout, payment.provider, payment.id);
    let today = desk.db.clock().now().date_naive();
    Ok(desk
        .providers
        .start(&account, &tell(&detail, payment, urls, today))
        .await)
}

async fn record(
    desk: &Desk,
    checkout: CheckoutId,
    payment: &Payment,
    started: Result<Started, ProviderError>,
) -> Result<(), DbError> {
    let started = started.map_err(|error| match error {
        ProviderError::Refused { code, retryable } => Outcome::Failed { code, retryable },
        // Nobody was given what it takes to pay it, so that nothing can come of it; another attempt is another payment there.
        ProviderError::Away | ProviderError::Unknown => Outcome::Failed {
            code: "provider_unavailable".to_owned(),
            retryable: true,
        },
    });
    desk.db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            let outcome = match &started {
                Ok(started) => started.outcome.clone(),
                Err(outcome) => outcome.clone(),
            };
            let id = payment.id;
            settle(tx, checkout, &News { payment: id, outcome }).await?;
            // The job that would have started it has nothing left to do; taking it back spares the worker a claim and a commit.
            let withdrawn = jobs::withdraw(tx, checkout, start_job(id));
            let Ok(started) = &started else {
                return withdrawn.await;
            };
            let sealed = started
                .handover
                .as_ref()
                .map(|handover| handover::seal(&desk.keys, checkout, id, handover));
            try_join!(
                attempts::set_started(tx, checkout, id, &started.reference, sealed),
                withdrawn
            )?;
            follow_up(tx, desk, checkout, payment, started).await
        })
        .await
}

/// What a provider's answer asks of us later.
async fn follow_up(
    tx: &mut Tx,
    desk: &Desk,
    checkout: CheckoutId,
    payment: &Payment,
    started: &Started,
) -> Result<(), DbError> {
    let can = payment.provider.capabilities();
    if can.answers {
        jobs::enqueue(tx, checkout, JobKind::AskPayment, payment.id.uuid(), FIRST_ASKED_MS).await?;
    }
    if can.cancels {
        let now = attempts::find(tx.conn(), checkout, payment.id)
            .await?
            .ok_or(DbError::Stale)?;
        // Closed while it was being started: whoever closed it did not know yet what to cancel.
        if now.status == PaymentStatus::Cancelled {
            cancel_there(tx, checkout, payment.id, payment.provider, true).await?;
        }
    }
    if let Some(Handover::Instructions(told)) = &started.handover {
        instructions::mail(tx, desk, checkout, payment.order_id, told).await?;
    }
    Ok(())
}
