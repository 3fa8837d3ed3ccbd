//! A person delivers a line: the licenses are written, and mailed by the run that waited for them.

use super::views::DeliverInput;
use crate::actions::model::{ActionRun, ActionType, RunStatus};
use crate::actions::store as runs;
use crate::db::Tx;
use crate::db::jobs;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, LineId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::licenses::model::{Fresh, Place};
use crate::licenses::store as licenses;
use crate::licenses::tell::tell;
use crate::orders::attention::waiting::settle_waiting;
use crate::orders::complete::follow_actions;
use crate::orders::model::{OrderDetail, OrderStatus};
use crate::orders::rerun::again::queue_again;
use crate::orders::store;
use crate::orders::transitions::OrderEvent;

/// Delivers; returns the order before and after.
pub(super) async fn deliver(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: OrderId,
    line: LineId,
    input: &DeliverInput,
) -> Result<(OrderDetail, OrderDetail), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let locked = store::lock(tx, checkout, order).await?.ok_or_else(not_found)?;
    if matches!(locked.status, OrderStatus::NotPaid | OrderStatus::Deleted) {
        return Err(Problem::new(locked.status.refusal(OrderEvent::ActionsDone)));
    }
    // A refill makes runs due without the order's lock: what they are is read once they are ours.
    runs::lock_of_line(tx, checkout, line).await?;
    let before = store::detail(tx.conn(), checkout, order).await?.ok_or_else(not_found)?;
    let row = before.lines.iter().find(|row| row.id == line).ok_or_else(not_found)?;
    let waits = |run: &&ActionRun| {
        run.order_line_id == Some(line)
            && run.action_type == ActionType::License
            && run.revokes.is_none()
            && matches!(run.status, RunStatus::Waiting | RunStatus::Failed)
    };
    let run = before.actions.iter().find(waits);
    let run = run.filter(|_| row.returned_at.is_none());
    let run = run.ok_or_else(|| Problem::new(ProblemCode::NothingToDeliver))?;
    if input.licenses.is_empty() {
        runs::deliver_by_hand(tx, checkout, run.id).await?;
        jobs::drop_of(tx, checkout, run.action_type.job(), run.id.uuid()).await?;
        settle_waiting(tx, checkout, order).await?;
        let locked = store::lock(tx, checkout, order).await?.ok_or_else(not_found)?;
        follow_actions(tx, checkout, &locked, Some(line)).await?;
    } else {
        let place = Place {
            order,
            line,
            product: row.product_id.uuid(),
            run: run.id,
            test_mode: locked.test_mode,
        };
        let held = before.licenses.iter().filter(|license| license.order_line_id == line);
        let first = i32::try_from(held.count()).unwrap_or(i32::MAX);
        let fresh: Vec<Fresh> = (input.licenses.iter())
            .map(|text| Fresh {
                content: text.trim().to_owned(),
                key: None,
            })
            .collect();
        let issued = licenses::insert(tx, checkout, place, first, &fresh).await?;
        tell(tx, checkout, EventType::LicenseIssued, &issued).await?;
        queue_again(tx, checkout, run.id, run.action_type).await?;
    }
    let after = store::detail(tx.conn(), checkout, order).await?.ok_or_else(not_found)?;
    Ok((before, after))
}
