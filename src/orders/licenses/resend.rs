//! Sends the licenses of a line again: its run is queued anew, and mails what was issued.

use crate::actions::model::RunStatus;
use crate::actions::store as runs;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, LicenseId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::licenses::model::License;
use crate::licenses::store as licenses;
use crate::orders::model::{OrderPaymentStatus, OrderStatus};
use crate::orders::rerun::again::queue_again;
use crate::orders::store;
use crate::orders::transitions::OrderEvent;

/// Queues the mail; returns the license.
pub(super) async fn resend(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: OrderId,
    license: LicenseId,
) -> Result<License, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let order = store::lock(tx, checkout, order).await?.ok_or_else(not_found)?;
    if matches!(order.status, OrderStatus::NotPaid | OrderStatus::Deleted) {
        return Err(Problem::new(order.status.refusal(OrderEvent::ActionsDone)));
    }
    let of_order = licenses::of_order(tx.conn(), checkout, order.id).await?;
    let found = of_order
        .into_iter()
        .find(|row| row.id == license)
        .ok_or_else(not_found)?;
    let refunded = order.payment_status == OrderPaymentStatus::Refunded;
    if refunded || found.revoked_at.is_some() || found.content.is_none() {
        return Err(Problem::new(ProblemCode::LicenseNotSendable));
    }
    let all = runs::of_order(tx.conn(), checkout, order.id).await?;
    let run = all.iter().find(|run| run.id == found.run_id);
    let run = run.ok_or_else(|| Problem::new(ProblemCode::LicenseNotSendable))?;
    // One that is on its way is sent once.
    if !matches!(run.status, RunStatus::Queued | RunStatus::Running) {
        queue_again(tx, checkout, run.id, run.action_type).await?;
    }
    Ok(found)
}
