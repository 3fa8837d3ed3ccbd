//! A member of staff says that an order is done, whatever its actions did.

use super::restore::restore;
use super::views::CompleteInput;
use crate::actions::model::{ActionRun, RunStatus};
use crate::actions::store as runs;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, OrderId, RefundId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::complete::complete_by_staff;
use crate::orders::model::{Order, OrderDetail};
use crate::orders::rerun::again::queue_again;
use crate::orders::store as orders;
use crate::orders::take_away::gives_offer_access;
use crate::orders::transitions::OrderEvent;
use crate::payments::refunds::model::{Ledger, RefundKind, RefundStatus};
use crate::payments::refunds::store as ledger;

/// Completes an order; returns what it was, what it is, and the refunds that were not restored.
pub async fn complete(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: OrderId,
    input: &CompleteInput,
) -> Result<(Order, OrderDetail, Vec<RefundId>), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let order = orders::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    if order.status.after(OrderEvent::CompletedByStaff).is_none() {
        return Err(Problem::new(order.status.refusal(OrderEvent::CompletedByStaff)));
    }
    let before = order.clone();
    let actions = runs::of_order(tx.conn(), checkout, id).await?;
    let failed: Vec<_> = actions.iter().filter(|run| run.status == RunStatus::Failed).collect();
    if input.use_latest_configuration && failed.is_empty() {
        return Err(Problem::invalid(
            "/use_latest_configuration",
            "none_failed",
            "no action of this order has failed",
        ));
    }
    let mut stay = Vec::new();
    if input.restore_refunded {
        let refunds = ledger::of_order(tx.conn(), checkout, id).await?;
        if !refunds.iter().any(|row| row.refund.kind == RefundKind::Order) {
            return Err(Problem::invalid(
                "/restore_refunded",
                "no_refunds",
                "this order has no refunds",
            ));
        }
        stay = restore(tx, checkout, id).await?;
    }
    if input.use_latest_configuration {
        for run in &failed {
            runs::take_latest_configuration(tx, checkout, run.id).await?;
        }
    }
    let order = orders::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    complete_by_staff(tx, checkout, &order).await?;
    if input.run_actions {
        // What is queued runs anyway, a running one is left alone, and what was taken away with money that stays refunded stays away.
        let now = orders::detail(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
        let due = |run: &&ActionRun| {
            run.revokes.is_none()
                && !matches!(run.status, RunStatus::Queued | RunStatus::Running)
                && !stays_away(run, &now)
        };
        for run in now.actions.iter().filter(due) {
            queue_again(tx, checkout, run.id, run.action_type).await?;
        }
    }
    let after = orders::detail(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, after, stay))
}

/// Whether what a run gives was taken away with money that went back, and was not restored.
fn stays_away(run: &ActionRun, order: &OrderDetail) -> bool {
    let returned = |line| {
        let row = order.lines.iter().find(|row| row.id == line);
        row.is_some_and(|row| row.returned_at.is_some())
    };
    let offer_taken = |row: &Ledger| {
        row.refund.remove_offer_access && !row.voided && !matches!(row.refund.status, RefundStatus::Failed)
    };
    match run.order_line_id {
        Some(line) => returned(line),
        None => gives_offer_access(run) && order.refunds.iter().any(offer_taken),
    }
}
