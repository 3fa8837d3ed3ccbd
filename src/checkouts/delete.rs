//! Deletes a checkout that never sold anything.

use super::store;
use super::views::CheckoutView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Puts a checkout away and returns what it was. One with live orders stays, because book-keeping needs them: close it instead.
pub async fn delete(tx: &mut Tx, id: CheckoutId, if_match: Option<&str>) -> Result<CheckoutView, Problem> {
    let current = store::lock_whole(tx, id).await?;
    let current = current.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let before = CheckoutView::from(current);
    check_precondition(if_match, &before)?;
    if store::has_live_orders(tx, id).await? {
        return Err(Problem::new(ProblemCode::CheckoutHasOrders));
    }
    store::delete(tx, id).await?;
    Ok(before)
}
