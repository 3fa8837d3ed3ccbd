//! Invites people.

use std::collections::BTreeSet;

use super::model::Invitation;
use super::views::InvitationInput;
use super::{store, token};
use crate::accounts::store as accounts;
use crate::db::Tx;
use crate::http::caller::{Principal, Staff};
use crate::http::policy::OrganizationScope;
use crate::kernel::ids::InvitationId;
use crate::kernel::permission::{CheckoutRole, Grants, OrganizationRole, Permission};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::{Email, Name};
use crate::mails::queue::{Message, Urgency, send_all};
use crate::organizations::store as organizations;

/// The most invitations that an organization sends in 24 hours, those that were taken back or accepted included.
const MOST_IN_A_DAY: usize = 1000;
/// When to ask again for more, in seconds.
const COME_BACK: u32 = 3600;

/// Writes one invitation for each address, queues its mail, and takes back what was still open for the same address. All or
/// nothing: one address that cannot be invited refuses them all.
pub async fn invite(
    tx: &mut Tx,
    keys: &Keyring,
    scope: &OrganizationScope,
    input: &InvitationInput,
) -> Result<Vec<Invitation>, Problem> {
    if input.role == OrganizationRole::Owner {
        scope.staff.require(scope.permissions, Permission::OwnersWrite)?;
    }
    if !covers_implied_role(&scope.staff, input.role) {
        return Err(beyond("/role"));
    }
    // Two who invite one address take turns; so do an invitation and the removal of who is invited.
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !organizations::lock(tx, scope.organization).await? {
        return Err(not_found());
    }
    let organization = organizations::find(tx.conn(), scope.organization).await?;
    let organization = organization.ok_or_else(not_found)?;
    refuse_unproved(tx, scope).await?;
    let folded: Vec<String> = input.emails.iter().map(Email::folded).collect();
    let faults = faults(tx, scope, input, &folded).await?;
    if !faults.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(faults));
    }
    refuse_replacing_owners(tx, scope, &folded).await?;
    if store::made_today(tx, scope.organization).await? + folded.len() > MOST_IN_A_DAY {
        return Err(Problem::new(ProblemCode::TooManyInvitations).retry_after(COME_BACK));
    }
    store::replace(tx, scope.organization, folded).await?;
    let roles = serde_json::to_value(&input.checkout_roles).map_err(Problem::internal)?;
    let ids: Vec<_> = input
        .emails
        .iter()
        .map(|_| InvitationId::generate(tx.clock()))
        .collect();
    let invitations = store::insert(tx, scope.organization, &ids, &input.emails, input.role, &roles).await?;
    let mails: Vec<_> = invitations
        .iter()
        .map(|invitation| mail(keys, &organization.name, invitation))
        .collect();
    send_all(tx, keys, Urgency::CanWait, &mails).await?;
    Ok(invitations)
}

/// Whether the caller's token lets them hand on what the role brings with it: owners and admins are admins of every checkout,
/// also of one in which a narrowed token allows less.
fn covers_implied_role(staff: &Staff, role: OrganizationRole) -> bool {
    let (Some(implied), Some(caps)) = (role.implied_checkout_role(), &staff.caps) else {
        return true;
    };
    let covers = |cap: &CheckoutRole| cap.permissions().covers(implied.permissions());
    caps.checkouts.values().all(covers)
}

/// Only who is known to exist makes us send mail to others: a person whose address is proved, or a key of an organization with
/// an owner whose address is.
async fn refuse_unproved(tx: &Tx, scope: &OrganizationScope) -> Result<(), Problem> {
    let proved = match scope.staff.principal {
        Principal::User(user) => {
            let person = accounts::user(tx.conn(), user).await?;
            person.is_some_and(|person| person.email_verified_at.is_some())
        }
        Principal::Key { organization, .. } => store::has_proved_owner(tx, organization).await?,
    };
    if proved {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::EmailNotVerified))
    }
}

/// An invitation as owner is taken back by owners only, also when a new one would take its place.
async fn refuse_replacing_owners(tx: &Tx, scope: &OrganizationScope, folded: &[String]) -> Result<(), Problem> {
    if scope.permissions.allows(Permission::OwnersWrite) {
        return Ok(());
    }
    let owners = store::invited_as_owner(tx, scope.organization, folded.to_vec()).await?;
    let Some(index) = folded.iter().position(|address| owners.contains(address)) else {
        return Ok(());
    };
    let detail = "is invited as an owner: only owners take that back";
    Err(Problem::new(ProblemCode::Forbidden)
        .detail(format!("requires {}", Permission::OwnersWrite.as_str()))
        .errors(vec![Fault::new(format!("/emails/{index}"), "invited_as_owner", detail)]))
}

fn beyond(pointer: &str) -> Problem {
    Problem::new(ProblemCode::Forbidden)
        .detail("an invitation gives no more than who sends it may do")
        .errors(vec![Fault::new(
            pointer,
            "beyond_own_role",
            "goes beyond your own role",
        )])
}

async fn faults(
    tx: &mut Tx,
    scope: &OrganizationScope,
    input: &InvitationInput,
    folded: &[String],
) -> Result<Vec<Fault>, Problem> {
    let members = store::members_among(tx.conn(), scope.organization, folded.to_vec()).await?;
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
        let pointer = format!("/checkout_roles/{index}");
        if !known.contains(&role.checkout_id) {
            let detail = "no such checkout in this organization";
            faults.push(Fault::new(format!("{pointer}/checkout_id"), "not_found", detail));
            continue;
        }
        let earlier = &input.checkout_roles[..index];
        if earlier.iter().any(|earlier| earlier.checkout_id == role.checkout_id) {
            let detail = "each checkout once";
            faults.push(Fault::new(format!("{pointer}/checkout_id"), "duplicate", detail));
        }
        // Who manages people is an admin of every checkout, as far as their own token goes.
        let admin = Grants {
            organization: Some(OrganizationRole::Admin),
            checkout: None,
        };
        let own = scope
            .staff
            .narrowed_in_checkout(scope.organization, role.checkout_id, admin);
        if !own.unwrap_or_default().covers(role.role.permissions()) {
            return Err(beyond(&format!("{pointer}/role")));
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
