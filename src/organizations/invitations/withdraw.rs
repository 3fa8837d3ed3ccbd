//! Takes an invitation back.

use super::model::InvitationStatus;
use super::store;
use super::views::InvitationView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::policy::OrganizationScope;
use crate::kernel::ids::InvitationId;
use crate::kernel::permission::{OrganizationRole, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Ends an invitation that nobody has accepted, and returns what it was.
pub async fn withdraw(
    tx: &mut Tx,
    scope: &OrganizationScope,
    id: InvitationId,
    if_match: Option<&str>,
) -> Result<InvitationView, Problem> {
    let found = store::lock(tx, scope.organization, id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if found.role == OrganizationRole::Owner {
        scope.staff.require(scope.permissions, Permission::OwnersWrite)?;
    }
    let (status, now) = (found.status, tx.clock().now());
    let before = InvitationView::at(found, now);
    check_precondition(if_match, &before)?;
    if status != InvitationStatus::Pending {
        return Err(
            Problem::new(ProblemCode::ImpossibleTransition).detail(format!("the invitation is {}", before.status))
        );
    }
    store::withdraw(tx, scope.organization, id).await?;
    Ok(before)
}
