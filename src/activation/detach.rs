//! Cards that are off file are taken from their customers at Stripe, by the worker.

use futures_util::future::join_all;

use super::store::{self, DetachedCard};
use super::stripe_card::{self, Stripe};
use crate::db::Db;
use crate::db::error::DbError;

/// How long until the next attempt, in milliseconds: a minute, then four times as long each time, six hours at the most.
const FIRST_RETRY_MS: i64 = 60_000;
const LONGEST_RETRY_MS: i64 = 6 * 3_600_000;
/// After this many attempts, about a week, a card is left to a person.
const MOST_ATTEMPTS: i32 = 32;

/// Detaches what is due; returns how many were tried.
pub async fn detach_due(db: &Db, stripe: Stripe<'_>) -> Result<usize, DbError> {
    let due = {
        let conn = db.read().await?;
        store::claim_detached(&conn, db.clock().offset_ms()).await?
    };
    // At once: one that hangs must not hold up the others, nor the lease of any.
    for outcome in join_all(due.iter().map(|card| detach(db, stripe, card))).await {
        outcome?;
    }
    Ok(due.len())
}

async fn detach(db: &Db, stripe: Stripe<'_>, card: &DetachedCard) -> Result<(), DbError> {
    let outcome = stripe_card::detach(stripe, &card.provider_reference).await;
    let conn = db.read().await?;
    match outcome {
        Ok(()) => store::finish_detached(&conn, card).await,
        Err(problem) if card.attempts < MOST_ATTEMPTS => {
            let exponent = u32::try_from(card.attempts - 1).unwrap_or(0).min(8);
            let delay_ms = (FIRST_RETRY_MS * 4_i64.pow(exponent)).min(LONGEST_RETRY_MS);
            store::retry_detached(&conn, db.clock().offset_ms(), card, delay_ms, &problem.to_string()).await
        }
        Err(problem) => {
            tracing::error!(%problem, organization = %card.organization_id, card = card.provider_reference, "a card stays at Stripe");
            store::finish_detached(&conn, card).await
        }
    }
}
