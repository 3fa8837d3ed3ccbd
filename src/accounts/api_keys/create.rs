//! Makes a key.

use super::model::{ApiKey, KeyDetail, KeyRole};
use super::store;
use super::token;
use super::views::ApiKeyInput;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::http::caller::{Principal, Staff};
use crate::http::policy::{CheckoutScope, OrganizationScope};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId};
use crate::kernel::permission::{CheckoutRole, Grants, OrganizationRole};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::{random_bytes, sha256};
use crate::kernel::text::Name;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its organization.
    pub organization: OrganizationId,
    /// The checkout it belongs to, if it is one of a checkout.
    pub checkout: Option<CheckoutId>,
    /// What it is for.
    pub name: Name,
    /// Its role in the organization.
    pub role: Option<OrganizationRole>,
    /// Its roles in checkouts.
    pub checkout_roles: Vec<(CheckoutId, CheckoutRole)>,
    /// For test mode: it never changes who and what the shop is.
    pub test_mode: bool,
    /// When it ends.
    pub expires_at: Option<Instant>,
    /// The key that makes it, if a key does: it ends with that one.
    pub made_by: Option<ApiKeyId>,
}

impl NewApiKey {
    /// A key of the whole organization that never ends.
    pub fn of_organization(organization: OrganizationId, name: Name, role: OrganizationRole, test_mode: bool) -> Self {
        Self {
            organization,
            checkout: None,
            name,
            role: Some(role),
            checkout_roles: Vec::new(),
            test_mode,
            expires_at: None,
            made_by: None,
        }
    }
}

/// Makes a key and returns it with its text, for the only time.
pub async fn create(tx: &mut Tx, new: NewApiKey) -> Result<(KeyDetail, String), DbError> {
    create_with(tx, new, random_bytes::<32>()).await
}

/// Makes a key with a given secret: for demo data, whose key is derived and not remembered.
pub async fn create_with(tx: &mut Tx, new: NewApiKey, secret: [u8; 32]) -> Result<(KeyDetail, String), DbError> {
    let id = ApiKeyId::generate(tx.clock());
    let text = token::format(new.organization, id, &secret, new.test_mode);
    let roles = new.checkout_roles.into_iter().map(|(checkout_id, role)| KeyRole {
        api_key_id: id,
        checkout_id,
        role,
    });
    let detail = KeyDetail {
        roles: roles.collect(),
        key: ApiKey {
            organization_id: new.organization,
            id,
            name: new.name,
            secret_hash: sha256(&secret).to_vec(),
            last4: text[text.len() - 4..].to_owned(),
            test_mode: new.test_mode,
            organization_role: new.role,
            checkout_id: new.checkout,
            expires_at: new.expires_at,
            last_used_at: None,
            made_by: new.made_by,
            created_at: tx.clock().now(),
        },
    };
    store::insert(tx, &detail).await?;
    let made = store::find(tx.conn(), new.organization, id)
        .await?
        .ok_or(DbError::Stale)?;
    Ok((made, text))
}

/// A key of an organization, asked for by staff: no role of it goes beyond what its maker may do.
pub async fn of_organization(
    tx: &mut Tx,
    scope: &OrganizationScope,
    input: ApiKeyInput,
) -> Result<(KeyDetail, String), Problem> {
    if input.organization_role.is_none() && input.checkout_roles.is_empty() {
        return Err(Problem::invalid(
            "/organization_role",
            "required",
            "a key needs a role, here or in checkout_roles",
        ));
    }
    if let Some(role) = input.organization_role
        && !scope.permissions.covers(role.permissions())
    {
        return Err(beyond("/organization_role"));
    }
    let named: Vec<CheckoutId> = input.checkout_roles.iter().map(|role| role.checkout_id).collect();
    let known = store::checkouts_of(tx.conn(), scope.organization, named).await?;
    let mut faults = Vec::new();
    for (index, asked) in input.checkout_roles.iter().enumerate() {
        let pointer = format!("/checkout_roles/{index}");
        if !known.contains(&asked.checkout_id) {
            faults.push(Fault::new(
                format!("{pointer}/checkout_id"),
                "not_found",
                "no such checkout in this organization",
            ));
        }
        // Who may make keys of the organization is an admin of its checkouts, as far as their own token goes.
        let admin = Grants {
            organization: Some(OrganizationRole::Admin),
            checkout: None,
        };
        let own = scope
            .staff
            .narrowed_in_checkout(scope.organization, asked.checkout_id, admin);
        if !own.unwrap_or_default().covers(asked.role.permissions()) {
            return Err(beyond(&format!("{pointer}/role")));
        }
    }
    if !faults.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(faults));
    }
    let checked = checked(tx, &scope.staff, input).await?;
    Ok(create(tx, checked.of(scope.organization, None)).await?)
}

/// A key of one checkout, asked for by staff.
pub async fn of_checkout(
    tx: &mut Tx,
    scope: &CheckoutScope,
    input: ApiKeyInput,
) -> Result<(KeyDetail, String), Problem> {
    if input.organization_role.is_some() {
        let detail = "a key of a checkout has no role in the organization";
        return Err(Problem::invalid("/organization_role", "not_allowed", detail));
    }
    let [asked] = input.checkout_roles.as_slice() else {
        return Err(Problem::invalid(
            "/checkout_roles",
            "required",
            "name the role in this checkout, and in no other",
        ));
    };
    if asked.checkout_id != scope.checkout {
        return Err(Problem::invalid(
            "/checkout_roles/0/checkout_id",
            "not_allowed",
            "must be this checkout",
        ));
    }
    if !scope.permissions.covers(asked.role.permissions()) {
        return Err(beyond("/checkout_roles/0/role"));
    }
    let checked = checked(tx, &scope.staff, input).await?;
    Ok(create(tx, checked.of(scope.organization, Some(scope.checkout))).await?)
}

fn beyond(pointer: &str) -> Problem {
    Problem::new(ProblemCode::Forbidden)
        .detail("a key cannot do more than who makes it")
        .errors(vec![Fault::new(
            pointer,
            "beyond_own_role",
            "goes beyond your own role",
        )])
}

/// A body whose mode and end are right, and the key that asks.
struct CheckedInput(ApiKeyInput, Option<ApiKeyId>);

async fn checked(tx: &Tx, maker: &Staff, input: ApiKeyInput) -> Result<CheckedInput, Problem> {
    // Such a token is for fifteen minutes and for a part of what its key may do: a key would be for longer and for more.
    if maker.caps.is_some() {
        return Err(
            Problem::new(ProblemCode::Forbidden).detail("a token of an API key makes no keys: use the key itself")
        );
    }
    let made_by = match maker.principal {
        Principal::User(_) => None,
        Principal::Key { organization, key } => {
            let maker = store::hold(tx, organization, key).await?;
            let maker = maker.ok_or_else(|| Problem::new(ProblemCode::Unauthenticated))?;
            if maker
                .expires_at
                .is_some_and(|last| input.expires_at.is_none_or(|end| end.0 > last))
            {
                return Err(beyond("/expires_at"));
            }
            Some(key)
        }
    };
    if input.expires_at.is_some_and(|end| end.0 <= tx.clock().now()) {
        return Err(Problem::invalid("/expires_at", "past", "must be in the future"));
    }
    let twice = |role: &crate::kernel::tenant::CheckoutGrant| {
        input
            .checkout_roles
            .iter()
            .filter(|other| other.checkout_id == role.checkout_id)
            .count()
            > 1
    };
    if input.checkout_roles.iter().any(twice) {
        return Err(Problem::invalid("/checkout_roles", "duplicate", "each checkout once"));
    }
    Ok(CheckedInput(input, made_by))
}

impl CheckedInput {
    fn of(self, organization: OrganizationId, checkout: Option<CheckoutId>) -> NewApiKey {
        NewApiKey {
            organization,
            checkout,
            name: self.0.name,
            role: self.0.organization_role,
            checkout_roles: self
                .0
                .checkout_roles
                .iter()
                .map(|role| (role.checkout_id, role.role))
                .collect(),
            test_mode: self.0.test_mode,
            expires_at: self.0.expires_at.map(|end| end.0),
            made_by: self.1,
        }
    }
}
