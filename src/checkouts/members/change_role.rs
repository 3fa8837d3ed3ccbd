//! Changes what somebody may do in a checkout.

use super::store;
use super::views::CheckoutMemberView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::policy::CheckoutScope;
use crate::kernel::ids::UserId;
use crate::kernel::permission::CheckoutRole;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// Gives somebody another role; returns them before and after.
pub async fn change_role(
    tx: &mut Tx,
    scope: &CheckoutScope,
    user: UserId,
    if_match: Option<&str>,
    role: CheckoutRole,
) -> Result<(CheckoutMemberView, CheckoutMemberView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    organizations::lock(tx, scope.organization).await?;
    let find = async || store::find(tx.conn(), scope.organization, scope.checkout, user).await;
    let member = find().await?.ok_or_else(not_found)?;
    let implied = member.implied;
    let before = CheckoutMemberView::from(member);
    check_precondition(if_match, &before)?;
    if implied {
        return Err(Problem::new(ProblemCode::ImpliedMember));
    }
    store::set_role(tx, scope.checkout, user, role).await?;
    let after = find().await?.ok_or_else(not_found)?;
    Ok((before, after.into()))
}
