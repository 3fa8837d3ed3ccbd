//! Takes somebody out of a checkout.

use super::store;
use super::views::CheckoutMemberView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::policy::CheckoutScope;
use crate::kernel::ids::UserId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// Ends a role that was given here, and returns what it was.
pub async fn remove(
    tx: &mut Tx,
    scope: &CheckoutScope,
    user: UserId,
    if_match: Option<&str>,
) -> Result<CheckoutMemberView, Problem> {
    organizations::lock(tx, scope.organization).await?;
    let member = store::find(tx.conn(), scope.organization, scope.checkout, user).await?;
    let member = member.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let implied = member.implied;
    let before = CheckoutMemberView::from(member);
    check_precondition(if_match, &before)?;
    if implied {
        return Err(Problem::new(ProblemCode::ImpliedMember));
    }
    store::delete(tx, scope.checkout, user).await?;
    Ok(before)
}
