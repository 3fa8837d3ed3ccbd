//! Accepts an invitation: once, and by the address it was sent to.

use super::model::{Invitation, InvitationStatus};
use super::views::AcceptedInvitation;
use super::{store, token};
use crate::accounts::store as accounts;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::http::caller::{Principal, Staff};
use crate::kernel::ids::UserId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::tenant::CheckoutGrant;
use crate::kernel::text::Email;
use crate::organizations::store as organizations;

/// Makes the caller what the invitation says. The token came by mail, so the address is theirs from here on.
pub async fn accept(tx: &mut Tx, keys: &Keyring, staff: &Staff, text: &str) -> Result<AcceptedInvitation, Problem> {
    let user = match staff.principal {
        Principal::User(user) if staff.caps.is_none() => user,
        Principal::User(_) | Principal::Key { .. } => {
            return Err(Problem::new(ProblemCode::Forbidden).detail("only a person who is signed in can accept"));
        }
    };
    let invalid = || Problem::new(ProblemCode::InvalidToken);
    let (organization, id) = token::read(keys, text).ok_or_else(invalid)?;
    if !organizations::lock(tx, organization).await? {
        return Err(Problem::new(ProblemCode::InvitationEnded));
    }
    let invitation = store::lock(tx, organization, id).await?.ok_or_else(invalid)?;
    let person = accounts::user(tx.conn(), user).await?;
    let person = person.ok_or_else(|| Problem::new(ProblemCode::Unauthenticated))?;
    if person.email.folded() != invitation.email.folded() {
        return Err(Problem::new(ProblemCode::InvitationForAnother));
    }
    if invitation.status != InvitationStatus::Pending || invitation.expires_at <= tx.clock().now() {
        return Err(Problem::new(ProblemCode::InvitationEnded));
    }
    accounts::verify_email(tx, user).await?;
    let roles = join(tx, &invitation, user).await?;
    let organization = organizations::find(tx.conn(), organization)
        .await?
        .ok_or_else(invalid)?;
    Ok(AcceptedInvitation {
        organization_id: organization.id,
        organization_name: organization.name,
        role: invitation.role,
        checkout_roles: roles,
    })
}

async fn join(tx: &mut Tx, invitation: &Invitation, user: UserId) -> Result<Vec<CheckoutGrant>, DbError> {
    store::accept(tx, invitation, user).await?;
    organizations::insert_member(tx, invitation.organization_id, user, invitation.role).await?;
    let roles: Vec<CheckoutGrant> = serde_json::from_value(invitation.checkout_roles.clone())
        .map_err(|error| DbError::Defect(error.to_string()))?;
    let pairs: Vec<_> = roles
        .iter()
        .map(|role| (role.checkout_id, role.role.as_str().to_owned()))
        .collect();
    store::join_checkouts(tx, invitation.organization_id, user, &pairs).await?;
    Ok(roles)
}

/// Accepts all that waits for an address that an issuer has verified.
pub async fn accept_all(tx: &mut Tx, user: UserId, email: &Email) -> Result<(), DbError> {
    for invitation in store::pending_for(tx, &email.folded()).await? {
        join(tx, &invitation, user).await?;
    }
    Ok(())
}
