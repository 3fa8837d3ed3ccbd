//! Starts an order's payment at its provider: once, however many callers ask, whoever of them dies.

use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::payments::provider::{News, Started};
use crate::payments::start::{Turn, await_turn};
use crate::payments::store as attempts;

use super::settle::settle;

/// Waits for the attempt to be started, or starts it when that is this caller's turn (`mine` says that the caller has just
/// written the attempt and holds its lease).
pub async fn start_payment(db: &Db, checkout: CheckoutId, id: PaymentId, mine: bool) -> Result<(), DbError> {
    let payment = if mine {
        let conn = db.read().await?;
        attempts::find(&conn, checkout, id).await?
    } else {
        match await_turn(db, checkout, id).await? {
            None | Some(Turn::Done(_)) => None,
            Some(Turn::Call(payment)) => Some(payment),
        }
    };
    let Some(payment) = payment else {
        return Ok(());
    };
    // No transaction and no connection is held here: this is the call that may take seconds.
    let started = payment.provider.start(&payment).await;
    record(db, checkout, id, &started).await
}

async fn record(db: &Db, checkout: CheckoutId, id: PaymentId, started: &Started) -> Result<(), DbError> {
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        let news = News {
            payment: id,
            outcome: started.outcome.clone(),
        };
        settle(tx, checkout, &news).await?;
        attempts::set_reference(tx, checkout, id, &started.reference).await
    })
    .await
}
