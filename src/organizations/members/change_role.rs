//! Changes a member's role.

use super::store;
use super::views::MemberView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::policy::OrganizationScope;
use crate::kernel::ids::UserId;
use crate::kernel::permission::{OrganizationRole, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// Gives a member another role; returns them before and after. Owners are made and unmade by owners, and one always stays.
pub async fn change_role(
    tx: &mut Tx,
    scope: &OrganizationScope,
    user: UserId,
    if_match: Option<&str>,
    role: OrganizationRole,
) -> Result<(MemberView, MemberView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !organizations::lock(tx, scope.organization).await? {
        return Err(not_found());
    }
    let member = store::find(tx.conn(), scope.organization, user)
        .await?
        .ok_or_else(not_found)?;
    let before = MemberView::from(member.clone());
    check_precondition(if_match, &before)?;
    if member.role == role {
        return Ok((MemberView::from(member), before));
    }
    if member.role == OrganizationRole::Owner || role == OrganizationRole::Owner {
        scope.staff.require(scope.permissions, Permission::OwnersWrite)?;
    }
    if member.role == OrganizationRole::Owner && store::owners(tx, scope.organization).await? < 2 {
        return Err(Problem::new(ProblemCode::LastOwner));
    }
    store::set_role(tx, scope.organization, user, role).await?;
    let after = store::find(tx.conn(), scope.organization, user)
        .await?
        .ok_or_else(not_found)?;
    Ok((before, MemberView::from(after)))
}
