//! Deletes an organization that sells nothing any more.

use super::store;
use super::views::OrganizationView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Puts an organization away, once its checkouts are; its people and keys reach it no more. Returns what it was.
pub async fn delete(tx: &mut Tx, id: OrganizationId, if_match: Option<&str>) -> Result<OrganizationView, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), id).await?.ok_or_else(not_found)?;
    let before = OrganizationView::whole(current);
    check_precondition(if_match, &before)?;
    if store::has_checkouts(tx, id).await? {
        return Err(Problem::new(ProblemCode::OrganizationNotEmpty));
    }
    store::delete(tx, id).await?;
    Ok(before)
}
