//! Asks providers about payments that they have not spoken of: a callback that was lost costs time, not an order.

use super::settle::settle;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::payments::desk::Desk;
use crate::payments::model::{Payment, PaymentStatus};
use crate::payments::provider::{News, Outcome, ProviderError};
use crate::payments::store as attempts;

const MINUTE_MS: i64 = 60_000;
/// Pauses between questions: doubled from a minute up to six hours.
const LONGEST_MS: i64 = 6 * 60 * MINUTE_MS;
/// How long an attempt that was closed here, and may still be paid there, is asked about.
const CLOSED_MS: i64 = 48 * 60 * MINUTE_MS;

/// Asks about the payment of a job, and again later while it is undecided.
pub async fn ask_payment(desk: &Desk, job: &Job) -> Result<(), DbError> {
    let (checkout, id) = (job.checkout_id, PaymentId::from_uuid(job.object_id));
    let payment = {
        let conn = desk.db.read().await?;
        attempts::find(&conn, checkout, id).await?
    };
    let now = desk.db.clock().now();
    let wanted = payment.filter(|payment| match payment.status {
        PaymentStatus::Created | PaymentStatus::Pending => true,
        // Another card may be tried at the provider, or an answer was on its way when it was closed.
        PaymentStatus::Failed | PaymentStatus::Cancelled | PaymentStatus::Expired => {
            (now - payment.updated_at).num_milliseconds() < CLOSED_MS
        }
        PaymentStatus::Succeeded => false,
    });
    let Some(payment) = wanted else {
        return desk
            .db
            .write(async |tx: &mut Tx| -> Result<(), DbError> { jobs::finish(tx, job).await })
            .await;
    };
    let answer = answer_of(desk, checkout, &payment).await?;
    // A merchant who took the account away leaves nobody to ask; set up again, it is asked again.
    let answered = matches!(answer, Some(Ok(_))) || desk.account(checkout, &payment).await?.is_none();
    desk.db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            if answered {
                attempts::set_answered(tx, checkout, id).await?;
            }
            let decided = match &answer {
                Some(Ok(outcome)) => {
                    let outcome = outcome.clone();
                    settle(tx, checkout, &News { payment: id, outcome }).await?;
                    matches!(
                        answer,
                        Some(Ok(Outcome::Succeeded { .. } | Outcome::Cancelled | Outcome::Expired))
                    )
                }
                Some(Err(_)) => false,
                None => true,
            };
            if decided {
                jobs::finish(tx, job).await
            } else {
                jobs::retry(tx, job, pause(job.attempts), "undecided").await
            }
        })
        .await
}

/// What the provider says now; `None` when there is nobody to ask.
pub async fn answer_of(
    desk: &Desk,
    checkout: CheckoutId,
    payment: &Payment,
) -> Result<Option<Result<Outcome, ProviderError>>, DbError> {
    let Some(reference) = &payment.provider_reference else {
        return Ok(None);
    };
    let Some(account) = desk.account(checkout, payment).await? else {
        // The account may be set up again.
        return Ok(Some(Err(ProviderError::Away)));
    };
    Ok(desk.providers.ask(&account, reference).await)
}

fn pause(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    (MINUTE_MS << doublings).min(LONGEST_MS)
}
