//! Takes away what actions have given, when the money for it has gone back. The caller holds the order's lock.

use super::attention::waiting::settle_waiting;
use crate::actions::model::{ActionLevel, ActionRun, ActionType, RunStatus};
use crate::actions::store as runs;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs;
use crate::kernel::ids::{CheckoutId, LineId, OrderId};

/// What access is taken away of.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// These lines.
    Lines(&'a [LineId]),
    /// The offer and the order as a whole.
    Offer,
}

/// Whether a run gave access through the offer or the order as a whole.
pub fn gives_offer_access(run: &ActionRun) -> bool {
    run.level != ActionLevel::Product && run.action_type.revocable() && run.revokes.is_none()
}

/// Queues a run that takes back what each of these has given; one that has given nothing yet never will.
pub async fn take_away(tx: &Tx, checkout: CheckoutId, order: OrderId, of: Of<'_>) -> Result<(), DbError> {
    let all = runs::of_order(tx.conn(), checkout, order).await?;
    let meant = all.iter().filter(|run| match of {
        Of::Lines(lines) => run.revokes.is_none() && run.order_line_id.is_some_and(|line| lines.contains(&line)),
        Of::Offer => gives_offer_access(run),
    });
    for run in meant {
        if run.status != RunStatus::Succeeded {
            jobs::drop_of(tx, checkout, run.action_type.job(), run.id.uuid()).await?;
            runs::cancel(tx, checkout, run.id).await?;
        }
        // What was tried may have been done, whatever became of its answer.
        if run.action_type.revocable() && run.attempts > 0 {
            // Who is at it is told by its next heartbeat, and its last call has ended by then.
            let delay_ms = match run.status {
                RunStatus::Running => jobs::LEASE_MS,
                _ => 0,
            };
            revoke(tx, checkout, run, delay_ms).await?;
        }
    }
    settle_waiting(tx, checkout, order).await
}

async fn revoke(tx: &Tx, checkout: CheckoutId, run: &ActionRun, delay_ms: i64) -> Result<(), DbError> {
    let kind: ActionType = run.action_type;
    let revocation = runs::insert_revocation(tx, checkout, run.id).await?;
    jobs::drop_of(tx, checkout, kind.job(), revocation.uuid()).await?;
    jobs::enqueue(tx, checkout, kind.job(), revocation.uuid(), delay_ms).await
}
