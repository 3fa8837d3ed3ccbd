//! Invites people.

use std::collections::BTreeSet;

use super::model::Invitation;
use super::views::InvitationInput;
use super::{store, token};
use crate::db::Tx;
use crate::http::policy::{OrganizationScope, require};
use crate::kernel::ids::InvitationId;
use crate::kernel::permission::{OrganizationRole, Permission};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Name;
use crate::mails::queue::{Message, send};
use crate::organizations::store as organizations;

/// Writes one invitation for each address, queues its mail, and takes back what was still open for the same address. All or
/// nothing: one address that cannot be invited refuses them all.
pub async fn invite(
    tx: &mut Tx,
    keys: &Keyring,
    scope: &OrganizationScope,
    input: &InvitationInput,
) -> Result<Vec<Invitation>, Problem> {
    if input.role == OrganizationRole::Owner {
        require(scope.permissions, Permission::OwnersWrite)?;
    }
    let organization = organizations::find(tx.conn(), scope.organization).await?;
    let organization = organization.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let faults = faults(tx, scope, input).await?;
    if !faults.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(faults));
    }
    let folded = input.emails.iter().map(crate::kernel::text::Email::folded).collect();
    store::replace(tx, scope.organization, folded).await?;
    let roles = serde_json::to_value(&input.checkout_roles).map_err(Problem::internal)?;
    let mut invitations = Vec::with_capacity(input.emails.len());
    for email in &input.emails {
        let id = InvitationId::generate(tx.clock());
        let invitation = store::insert(tx, scope.organization, id, email, input.role, &roles).await?;
        send(tx, keys, &mail(keys, &organization.name, &invitation)).await?;
        invitations.push(invitation);
    }
    Ok(invitations)
}

async fn faults(tx: &mut Tx, scope: &OrganizationScope, input: &InvitationInput) -> Result<Vec<Fault>, Problem> {
    let folded: Vec<String> = input.emails.iter().map(crate::kernel::text::Email::folded).collect();
    let members = store::members_among(tx.conn(), scope.organization, folded.clone()).await?;
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, address) in folded.iter().enumerate() {
        if members.contains(address) {
            faults.push(Fault::new(
                format!("/emails/{index}"),
                "already_member",
                "is a member already",
            ));
        } else if !seen.insert(address) {
            faults.push(Fault::new(format!("/emails/{index}"), "duplicate", "each address once"));
        }
    }
    let named = input.checkout_roles.iter().map(|role| role.checkout_id).collect();
    let known = store::checkouts_among(tx.conn(), scope.organization, named).await?;
    for (index, role) in input.checkout_roles.iter().enumerate() {
        if !known.contains(&role.checkout_id) {
            let pointer = format!("/checkout_roles/{index}/checkout_id");
            faults.push(Fault::new(
                pointer,
                "not_found",
                "no such checkout in this organization",
            ));
        } else if input.checkout_roles[..index]
            .iter()
            .any(|earlier| earlier.checkout_id == role.checkout_id)
        {
            let pointer = format!("/checkout_roles/{index}/checkout_id");
            faults.push(Fault::new(pointer, "duplicate", "each checkout once"));
        }
    }
    Ok(faults)
}

fn mail(keys: &Keyring, organization: &Name, invitation: &Invitation) -> Message {
    let token = token::issue(keys, invitation.organization_id, invitation.id);
    Message {
        to: invitation.email.clone(),
        subject: format!("You are invited to {organization}"),
        text: format!(
            "You are invited to {organization} on Kassa.\n\nSign in or make an account with this address, and accept with this \
             code:\n\n{token}\n\nThe code holds for two weeks and works once.\n"
        ),
    }
}
