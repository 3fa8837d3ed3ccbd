//! Exchanges a key for an access token that allows no more than it names.

use std::collections::BTreeMap;

use super::model::KeyDetail;
use super::views::TokenInput;
use super::{store, token};
use crate::accounts::tokens::{LIFETIME, NewToken, Signer, Subject};
use crate::db::Db;
use crate::kernel::ids::CheckoutId;
use crate::kernel::permission::{CheckoutRole, Grants, OrganizationRole};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::constant_time_eq;
use crate::kernel::tenant::{Caps, Tenant};

/// The token and how long it holds.
pub async fn exchange(db: &Db, signer: &Signer, input: &TokenInput) -> Result<(String, i64), Problem> {
    let refused = || Problem::new(ProblemCode::InvalidCredentials);
    let parts = token::parse(&input.api_key).ok_or_else(refused)?;
    let conn = db.read().await?;
    let (organization, id) = (parts.organization, parts.id);
    let tenant = input.checkout_id.map(Tenant::Checkout);
    let standing = store::standing(&conn, db.clock().offset_ms(), organization, id, tenant).await?;
    let standing = standing
        .filter(|key| constant_time_eq(&key.secret_hash, &parts.secret_hash) && key.test_mode == parts.test_mode)
        .ok_or_else(refused)?;
    let key = store::find(&conn, organization, id).await?.ok_or_else(refused)?;
    let caps = match input.checkout_id {
        Some(checkout) => {
            let grants = Grants {
                organization: standing.organization_role,
                checkout: standing.checkout_role,
            };
            let own = standing.tenant_id.and_then(|_| grants.role_in_checkout());
            of_checkout(checkout, own, input.role.as_deref())?
        }
        None => of_key(key, input.role.as_deref())?,
    };
    let lifetime = input.expires_in.unwrap_or(LIFETIME);
    let new = NewToken {
        subject: Subject::Key(organization, id),
        caps: Some(caps),
        lifetime,
    };
    Ok((signer.sign(new).map_err(Problem::internal)?, lifetime))
}

fn unknown_role(known: &[&str]) -> Problem {
    Problem::invalid("/role", "invalid", format!("must be one of: {}", known.join(", ")))
}

/// One checkout and nothing else. A role beyond the key's own is no error and no gain: the smaller set counts.
fn of_checkout(checkout: CheckoutId, own: Option<CheckoutRole>, role: Option<&str>) -> Result<Caps, Problem> {
    let own = own.ok_or_else(|| Problem::invalid("/checkout_id", "not_found", "no checkout that this key reaches"))?;
    let role = match role {
        None => own,
        Some(word) => word.parse().map_err(|_| unknown_role(CheckoutRole::ALL))?,
    };
    Ok(Caps {
        checkouts: BTreeMap::from([(checkout, role)]),
        ..Caps::default()
    })
}

/// All that the key reaches, its role in the organization replaced by the one asked for.
fn of_key(key: KeyDetail, role: Option<&str>) -> Result<Caps, Problem> {
    let role: Option<OrganizationRole> = match role {
        None => key.key.organization_role,
        Some(word) => Some(word.parse().map_err(|_| unknown_role(OrganizationRole::ALL))?),
    };
    Ok(Caps {
        organizations: role.map(|role| (key.key.organization_id, role)).into_iter().collect(),
        checkouts: key.roles.iter().map(|role| (role.checkout_id, role.role)).collect(),
    })
}
