//! Lets a member of the organization work in a checkout.

use super::store;
use super::views::{CheckoutMemberInput, CheckoutMemberView};
use crate::db::Tx;
use crate::http::policy::CheckoutScope;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// Gives a role to somebody who belongs to the organization. Strangers are invited to the organization first.
pub async fn add(
    tx: &mut Tx,
    scope: &CheckoutScope,
    input: &CheckoutMemberInput,
) -> Result<CheckoutMemberView, Problem> {
    let stranger = |pointer: &str| {
        Problem::invalid(
            pointer,
            "not_a_member",
            "belongs to no member of the organization: invite them first",
        )
    };
    // Against somebody who removes the member in this very moment.
    organizations::lock(tx, scope.organization).await?;
    let (user, pointer) = match (input.user_id, &input.email) {
        (Some(user), None) => (user, "/user_id"),
        (None, Some(email)) => {
            let found = store::member_by_email(tx.conn(), scope.organization, email).await?;
            (found.ok_or_else(|| stranger("/email"))?, "/email")
        }
        _ => {
            return Err(Problem::invalid(
                "/user_id",
                "required",
                "name the person by user_id or by email, not both",
            ));
        }
    };
    if let Some(there) = store::find(tx.conn(), scope.organization, scope.checkout, user).await? {
        let source = CheckoutMemberView::from(there).source;
        return Err(Problem::new(ProblemCode::AlreadyMember).detail(format!("is in the checkout already ({source})")));
    }
    let inserted = store::insert(tx, scope.organization, scope.checkout, user, input.role).await;
    inserted.map_err(|error| match error.constraint() {
        Some("checkout_members_member_fkey" | "checkout_members_user_id_fkey") => stranger(pointer),
        Some("checkout_members_pkey") => Problem::new(ProblemCode::AlreadyMember),
        _ => error.into(),
    })?;
    let added = store::find(tx.conn(), scope.organization, scope.checkout, user).await?;
    added.map(Into::into).ok_or_else(|| Problem::new(ProblemCode::NotFound))
}
