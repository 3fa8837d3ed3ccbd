//! Staff keep notes and pairs of their own on an order.

use super::model::OrderStatus;
use super::states;
use super::store;
use super::views::{OrderPatch, OrderView};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the order is still what `if_match` names; returns it before and after. A deleted order says
/// nothing of its buyer, and stays so.
pub async fn annotate(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: OrderId,
    if_match: Option<&str>,
    patch: OrderPatch,
) -> Result<(OrderView, OrderView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let order = store::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let before = OrderView::from(store::detail(tx.conn(), checkout, id).await?.ok_or_else(not_found)?);
    check_precondition(if_match, &before)?;
    if order.status == OrderStatus::Deleted {
        return Err(Problem::new(ProblemCode::OrderDeleted));
    }
    let note = patch.note.apply(order.note);
    let metadata = patch.metadata.patched(order.metadata)?;
    states::store::annotate(tx, checkout, id, note.as_ref(), &metadata).await?;
    let after = store::detail(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, OrderView::from(after)))
}
