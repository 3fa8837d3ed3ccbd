//! Queues actions again. A worker that still has one is cut off: its job is gone, and with it the right to record a result.

use super::views::RerunInput;
use crate::actions::model::{ActionRun, ActionType, RunStatus};
use crate::actions::store as runs;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs;
use crate::kernel::ids::{ActionId, CheckoutId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::model::OrderStatus;
use crate::orders::store as orders;
use crate::orders::transitions::OrderEvent;

/// Queues one action of an order; returns what it was and what it is.
pub async fn rerun(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: OrderId,
    run: ActionId,
    input: &RerunInput,
) -> Result<(ActionRun, ActionRun), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let order = orders::lock(tx, checkout, order).await?.ok_or_else(not_found)?;
    if matches!(order.status, OrderStatus::NotPaid | OrderStatus::Deleted) {
        return Err(Problem::new(order.status.refusal(OrderEvent::ActionsDone)));
    }
    let find = async || -> Result<ActionRun, Problem> {
        let all = runs::of_order(tx.conn(), checkout, order.id).await?;
        all.into_iter().find(|known| known.id == run).ok_or_else(not_found)
    };
    let before = find().await?;
    match before.status {
        RunStatus::Succeeded if !input.confirm => return Err(Problem::new(ProblemCode::ConfirmationRequired)),
        RunStatus::Running if !input.force => return Err(Problem::new(ProblemCode::ForceRequired)),
        _ => {}
    }
    if input.use_latest_configuration {
        runs::take_latest_configuration(tx, checkout, run).await?;
    }
    queue_again(tx, checkout, run, before.action_type).await?;
    let after = find().await?;
    Ok((before, after))
}

/// Queues a run anew, whatever it was.
pub async fn queue_again(tx: &Tx, checkout: CheckoutId, run: ActionId, kind: ActionType) -> Result<(), DbError> {
    // The run before its jobs: who has just made it due has written its job by then.
    runs::queue_again(tx, checkout, run).await?;
    jobs::drop_of(tx, checkout, kind.job(), run.uuid()).await?;
    jobs::enqueue(tx, checkout, kind.job(), run.uuid(), 0).await
}
