//! Takes payments back at their providers, so that nobody pays what was closed here.

use super::settle::{follow_attempts, settle};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::kernel::ids::PaymentId;
use crate::payments::close::close;
use crate::payments::desk::Desk;
use crate::payments::model::PaymentStatus;
use crate::payments::provider::{News, Outcome, ProviderError};
use crate::payments::store as attempts;

/// How long before the hold of its code ends an attempt is taken back.
const BEFORE_ITS_HOLD_MS: i64 = 2 * 60_000;
const PAUSE_MS: i64 = 30_000;
/// After this many failures only its own news, and the questions about it, can tell what becomes of it.
const PATIENCE: i32 = 12;

/// Cancels the payment of a job at its provider. Money that was quicker is settled like any other.
pub async fn cancel_payment(desk: &Desk, job: &Job) -> Result<(), DbError> {
    let (checkout, id) = (job.checkout_id, PaymentId::from_uuid(job.object_id));
    let payment = {
        let conn = desk.db.read().await?;
        attempts::find(&conn, checkout, id).await?
    };
    let answer = match payment.filter(|payment| payment.status != PaymentStatus::Succeeded) {
        Some(payment) => match (desk.account(checkout, &payment).await?, &payment.provider_reference) {
            (Some(account), Some(reference)) => desk.providers.cancel(&account, id, reference).await,
            _ => None,
        },
        None => None,
    };
    desk.db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            match &answer {
                Some(Err(ProviderError::Away | ProviderError::Unknown)) if job.attempts < PATIENCE => {
                    let pause = PAUSE_MS << job.attempts.clamp(0, 8);
                    return jobs::retry(tx, job, pause, "the provider was not reached").await;
                }
                Some(Ok(outcome @ Outcome::Succeeded { .. })) => {
                    let outcome = outcome.clone();
                    settle(tx, checkout, &News { payment: id, outcome }).await?;
                }
                _ => {}
            }
            jobs::finish(tx, job).await
        })
        .await
}

/// Closes attempts whose buyers are about to lose the hold of their code, where a provider can take them back: what is paid later
/// would be over the limit. The hold itself ends by its time and waits for nothing here. Returns how many.
pub async fn cancel_before_hold_ends(db: &crate::db::Db) -> Result<usize, DbError> {
    let ending = {
        let conn = db.read().await?;
        attempts::losing_their_hold(&conn, db.clock().offset_ms(), BEFORE_ITS_HOLD_MS).await?
    };
    for (checkout, payment) in &ending {
        db.write(async |tx: &mut Tx| -> Result<(), DbError> {
            let Some(order) = store::lock_of_payment(tx, *checkout, *payment).await? else {
                return Ok(());
            };
            // What was paid meanwhile is not closed.
            if close(tx, *checkout, *payment).await? {
                follow_attempts(tx, *checkout, &order, &[]).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(ending.len())
}
