//! Removes a member, or lets one leave.

use super::store;
use super::views::MemberView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::caller::Principal;
use crate::http::policy::OrganizationScope;
use crate::kernel::ids::UserId;
use crate::kernel::permission::{OrganizationRole, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::invitations::store as invitations;
use crate::organizations::store as organizations;

/// Ends a membership with every role in the organization's checkouts, and returns what it was. Anybody may leave; who removes
/// others manages people, and who removes an owner is one. The last owner stays.
pub async fn remove(
    tx: &mut Tx,
    scope: &OrganizationScope,
    user: UserId,
    if_match: Option<&str>,
) -> Result<MemberView, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let leaves = scope.staff.principal == Principal::User(user);
    if !leaves {
        scope.staff.require(scope.permissions, Permission::PeopleWrite)?;
    }
    if !organizations::lock(tx, scope.organization).await? {
        return Err(not_found());
    }
    let member = store::find(tx.conn(), scope.organization, user)
        .await?
        .ok_or_else(not_found)?;
    let before = MemberView::from(member.clone());
    check_precondition(if_match, &before)?;
    if member.role == OrganizationRole::Owner {
        if !leaves {
            scope.staff.require(scope.permissions, Permission::OwnersWrite)?;
        }
        if store::owners(tx, scope.organization).await? < 2 {
            return Err(Problem::new(ProblemCode::LastOwner));
        }
    }
    store::delete(tx, scope.organization, user).await?;
    // What was sent to them before they joined must not bring them back.
    invitations::replace(tx, scope.organization, vec![member.email.folded()]).await?;
    Ok(before)
}
