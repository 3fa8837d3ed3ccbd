//! Tenants as paths name them, and roles in them as tokens and bodies name them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::{CheckoutId, OrganizationId};
use super::permission::{CheckoutRole, OrganizationRole, Permissions};

/// The tenant a path speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// `/v1/organizations/{organization_id}/…`.
    Organization(OrganizationId),
    /// `/v1/checkouts/{checkout_id}/…`.
    Checkout(CheckoutId),
}

impl Tenant {
    /// Read from a path before routing, so that one query settles who may do what there.
    pub fn of_path(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v1/")?;
        let (kind, rest) = rest.split_once('/')?;
        let id = rest.split('/').next()?;
        match kind {
            "organizations" => id.parse().ok().map(Self::Organization),
            "checkouts" => id.parse().ok().map(Self::Checkout),
            _ => None,
        }
    }
}

/// What a narrowed token says of itself: nothing beyond these roles, whatever its bearer may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Roles in organizations.
    pub organizations: BTreeMap<OrganizationId, OrganizationRole>,
    /// Roles in checkouts; one that is named here is not widened by a role in its organization.
    pub checkouts: BTreeMap<CheckoutId, CheckoutRole>,
}

impl Caps {
    /// What the token leaves of a checkout's permissions.
    pub fn in_checkout(&self, organization: OrganizationId, checkout: CheckoutId) -> Option<Permissions> {
        self.role_in_checkout(organization, checkout)
            .map(CheckoutRole::permissions)
    }

    /// The role that the token has in a checkout: named, or implied by the one in its organization.
    pub fn role_in_checkout(&self, organization: OrganizationId, checkout: CheckoutId) -> Option<CheckoutRole> {
        let named = self.checkouts.get(&checkout).copied();
        let implied = || {
            let role = self.organizations.get(&organization).copied();
            role.and_then(OrganizationRole::implied_checkout_role)
        };
        named.or_else(implied)
    }
}

/// A role in one checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutGrant {
    /// The checkout.
    pub checkout_id: CheckoutId,
    /// The role in it.
    #[schema(value_type = String, example = "viewer")]
    pub role: CheckoutRole,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::Clock;

    #[test]
    fn paths_name_their_tenant() {
        let clock = Clock::default();
        let (organization, checkout) = (OrganizationId::generate(&clock), CheckoutId::generate(&clock));
        for (path, tenant) in [
            (
                format!("/v1/organizations/{organization}/members"),
                Some(Tenant::Organization(organization)),
            ),
            (format!("/v1/checkouts/{checkout}"), Some(Tenant::Checkout(checkout))),
            (format!("/v1/checkouts/{organization}"), None),
            ("/v1/checkouts".to_owned(), None),
            ("/v1/me".to_owned(), None),
        ] {
            assert_eq!(Tenant::of_path(&path), tenant, "{path}");
        }
    }
}
