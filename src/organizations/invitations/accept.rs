//! Accepts an invitation: once, and by the address it was sent to.

use std::sync::Arc;

use super::model::{Invitation, InvitationStatus};
use super::views::{AcceptedInvitation, InvitationView};
use super::{store, token};
use crate::accounts::identify::{FirstVisit, Welcomed};
use crate::accounts::store as accounts;
use crate::db::Tx;
use crate::db::audit::{Actor, ActorType, Entry, record};
use crate::db::error::DbError;
use crate::http::caller::{Principal, Staff};
use crate::kernel::ids::UserId;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::tenant::CheckoutGrant;
use crate::kernel::text::Email;
use crate::organizations::members::store as members;
use crate::organizations::store as organizations;

/// Makes the caller what the invitation says, and returns it as it was with what it led to. The token came by mail, so the address
/// is theirs from here on.
pub async fn accept(
    tx: &mut Tx,
    keys: &Keyring,
    staff: &Staff,
    text: &str,
) -> Result<(InvitationView, AcceptedInvitation), Problem> {
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
    let (role, checkout_roles) = join(tx, &invitation, user).await?;
    let organization = organizations::find(tx.conn(), organization)
        .await?
        .ok_or_else(invalid)?;
    let accepted = AcceptedInvitation {
        organization_id: organization.id,
        organization_name: organization.name,
        role,
        checkout_roles,
    };
    Ok((InvitationView::at(invitation, tx.clock().now()), accepted))
}

/// Makes the user what the invitation says, and returns what they are from here on. Who is a member already stays what they are:
/// it may be long since they were invited.
async fn join(
    tx: &mut Tx,
    invitation: &Invitation,
    user: UserId,
) -> Result<(OrganizationRole, Vec<CheckoutGrant>), DbError> {
    let organization = invitation.organization_id;
    store::accept(tx, invitation, user).await?;
    if !organizations::insert_member(tx, organization, user, invitation.role).await? {
        let member = members::find(tx.conn(), organization, user).await?;
        return Ok((member.ok_or(DbError::Stale)?.role, Vec::new()));
    }
    let roles: Vec<CheckoutGrant> = serde_json::from_value(invitation.checkout_roles.clone())
        .map_err(|error| DbError::Defect(error.to_string()))?;
    let pairs: Vec<_> = roles
        .iter()
        .map(|role| (role.checkout_id, role.role.as_str().to_owned()))
        .collect();
    store::join_checkouts(tx, organization, user, &pairs).await?;
    Ok((invitation.role, roles))
}

/// Who comes by an issuer that has verified their address joins all that waits for it, without a code.
pub struct VerifiedAddress {
    /// For the audit log.
    pub keys: Arc<Keyring>,
}

impl FirstVisit for VerifiedAddress {
    fn welcome<'a>(&'a self, tx: &'a mut Tx, user: UserId, email: &'a Email) -> Welcomed<'a> {
        Box::pin(async move {
            for invitation in store::lock_pending_for(tx, &email.folded()).await? {
                let before = InvitationView::at(invitation.clone(), tx.clock().now());
                join(tx, &invitation, user).await?;
                let entry = Entry {
                    organization: invitation.organization_id,
                    checkout: None,
                    actor: Actor {
                        kind: ActorType::User,
                        id: Some(user.uuid()),
                        credential: None,
                    },
                    address: None,
                    request_id: None,
                    action: "acceptInvitation".to_owned(),
                    object: Some(("invitation".to_owned(), invitation.id.to_string())),
                    before: serde_json::to_value(before).ok(),
                    after: None,
                };
                record(tx, &self.keys, entry).await?;
            }
            Ok(())
        })
    }
}
