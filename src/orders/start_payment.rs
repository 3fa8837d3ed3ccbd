//! Starts an order's payment at its provider: once, however many callers ask, whoever of them dies.

use futures_util::try_join;

use crate::db::error::DbError;
use crate::db::{Db, Tx, jobs};
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::payments::model::Payment;
use crate::payments::provider::{News, Started};
use crate::payments::start::{Turn, await_turn};
use crate::payments::store as attempts;

use super::place::start_job;
use super::settle::settle;

/// Waits for the attempt to be started, or starts it when that is this caller's turn.
pub async fn start_payment(db: &Db, checkout: CheckoutId, id: PaymentId) -> Result<(), DbError> {
    match await_turn(db, checkout, id).await? {
        None | Some(Turn::Done(_)) => Ok(()),
        Some(Turn::Call(payment)) => start(db, checkout, &payment).await,
    }
}

/// Starts the attempt. The caller holds its lease: by having written it, or by its turn.
pub async fn start(db: &Db, checkout: CheckoutId, payment: &Payment) -> Result<(), DbError> {
    // No transaction and no connection is held here: this is the call that may take seconds.
    let started = payment.provider.start(payment).await;
    record(db, checkout, payment.id, &started).await
}

async fn record(db: &Db, checkout: CheckoutId, id: PaymentId, started: &Started) -> Result<(), DbError> {
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        let news = News {
            payment: id,
            outcome: started.outcome.clone(),
        };
        settle(tx, checkout, &news).await?;
        // The job that would have started it has nothing left to do; taking it back spares the worker a claim and a commit.
        try_join!(
            attempts::set_reference(tx, checkout, id, &started.reference),
            jobs::withdraw(tx, checkout, start_job(id))
        )
        .map(drop)
    })
    .await
}
