//! Who is calling: settled once per request, before any handler.

use std::future::Future;
use std::pin::Pin;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId, SessionId, UserId};
use crate::kernel::permission::{CheckoutRole, Grants, OrganizationRole, Permissions};
use crate::kernel::problem::Problem;
use crate::kernel::tenant::{Caps, Tenant};

/// Who a member of staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A person, signed in.
    User(UserId),
    /// An API key.
    Key {
        /// Its organization.
        organization: OrganizationId,
        /// The key.
        key: ApiKeyId,
    },
}

impl Principal {
    /// A stable text that idempotency keys are scoped by.
    pub fn scope(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Key { key, .. } => key.to_string(),
        }
    }
}

/// A member of staff, with what they may do in the tenant that the path names.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Who.
    pub principal: Principal,
    /// What they came with: the id of the access token, or of the key.
    pub credential: String,
    /// The sign-in of a user's token; none for keys and for tokens of other issuers.
    pub sign_in: Option<uuid::Uuid>,
    /// What a narrowed token allows at the most.
    pub caps: Option<Caps>,
    /// A key for test mode, or a token that one was exchanged for: see [`Permissions::IN_TEST_MODE`].
    pub test_mode: bool,
    /// The organization in the path, if they may see it at all, and what they may do there.
    pub organization: Option<(OrganizationId, Permissions)>,
    /// The checkout in the path with its organization, if they may see it at all, and what they may do there.
    pub checkout: Option<(CheckoutId, OrganizationId, Permissions)>,
}

impl Staff {
    /// What of a role's permissions the mode of a key leaves.
    fn in_mode(&self, granted: Permissions) -> Permissions {
        if self.test_mode {
            granted.intersection(Permissions::IN_TEST_MODE)
        } else {
            granted
        }
    }

    /// What a membership leaves them in an organization: the intersection with what the token and the key's mode allow.
    pub fn narrowed_in_organization(&self, organization: OrganizationId, grants: Grants) -> Option<Permissions> {
        let granted = self.in_mode(grants.in_organization()?);
        match &self.caps {
            None => Some(granted),
            Some(caps) => {
                let role = caps.organizations.get(&organization)?;
                Some(granted.intersection(role.permissions()))
            }
        }
    }

    /// Whether the token lets an organization be seen at all.
    pub fn sees_organization(&self, organization: OrganizationId) -> bool {
        let caps = self.caps.as_ref();
        caps.is_none_or(|caps| caps.organizations.contains_key(&organization))
    }

    /// The role they are shown in an organization: the smaller of their own and the token's. One of them always covers the other.
    pub fn role_in_organization(&self, organization: OrganizationId, own: OrganizationRole) -> OrganizationRole {
        let token = self
            .caps
            .as_ref()
            .and_then(|caps| caps.organizations.get(&organization));
        match token {
            Some(token) if own.permissions().covers(token.permissions()) => *token,
            _ => own,
        }
    }

    /// The same for a checkout; `None` when what both allow is no role's permissions.
    pub fn role_in_checkout(
        &self,
        organization: OrganizationId,
        checkout: CheckoutId,
        own: CheckoutRole,
    ) -> Option<CheckoutRole> {
        let Some(caps) = &self.caps else {
            return Some(own);
        };
        let token = caps.role_in_checkout(organization, checkout)?;
        let both = own.permissions().intersection(token.permissions());
        [own, token].into_iter().find(|role| role.permissions() == both)
    }

    /// What a membership leaves them in a checkout: the intersection with what the token and the key's mode allow.
    pub fn narrowed_in_checkout(
        &self,
        organization: OrganizationId,
        checkout: CheckoutId,
        grants: Grants,
    ) -> Option<Permissions> {
        let granted = self.in_mode(grants.in_checkout()?);
        match &self.caps {
            None => Some(granted),
            Some(caps) => Some(granted.intersection(caps.in_checkout(organization, checkout)?)),
        }
    }
}

/// Who is calling.
#[derive(Clone, Debug)]
pub enum Caller {
    /// No token came.
    Anonymous,
    /// A token came that proves nothing.
    Unknown,
    /// A member of staff.
    Staff(Box<Staff>),
    /// The buyer of one session.
    Buyer {
        /// The tenant.
        checkout: CheckoutId,
        /// The session.
        session: SessionId,
    },
}

/// A boxed future, so that the authenticator can be a trait object.
pub type Authenticated<'a> = Pin<Box<dyn Future<Output = Result<Option<Staff>, Problem>> + Send + 'a>>;

/// Turns a bearer token into a member of staff: implemented by `accounts`, which uses this room.
pub trait Authenticator: Send + Sync {
    /// The staff member of this token, with their permissions in the tenant as they stand now. `None`: it proves nothing.
    fn authenticate<'a>(&'a self, token: &'a str, tenant: Option<Tenant>) -> Authenticated<'a>;
}

/// The token of `Authorization: Bearer …`. Several headers or another scheme: an empty token, which proves nothing.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let first = headers.next()?;
    if headers.next().is_some() {
        return Some("");
    }
    let token = first
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, token)| token);
    Some(token)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::kernel::clock::Clock;

    fn staff(caps: Option<Caps>) -> Staff {
        let user = UserId::generate(&Clock::default());
        Staff {
            principal: Principal::User(user),
            credential: String::new(),
            sign_in: None,
            caps,
            test_mode: false,
            organization: None,
            checkout: None,
        }
    }

    #[test]
    fn a_token_narrows_and_never_widens() {
        let clock = Clock::default();
        let (organization, checkout) = (OrganizationId::generate(&clock), CheckoutId::generate(&clock));
        let other = CheckoutId::generate(&clock);
        for token in CheckoutRole::ALL {
            let token: CheckoutRole = token.parse().expect("a role");
            let caps = Caps {
                checkouts: BTreeMap::from([(checkout, token)]),
                ..Caps::default()
            };
            let staff = staff(Some(caps));
            for membership in CheckoutRole::ALL {
                let membership: CheckoutRole = membership.parse().expect("a role");
                let grants = Grants {
                    organization: Some(OrganizationRole::Member),
                    checkout: Some(membership),
                };
                let both = token.permissions().intersection(membership.permissions());
                assert_eq!(staff.narrowed_in_checkout(organization, checkout, grants), Some(both));
                assert_eq!(staff.narrowed_in_checkout(organization, other, grants), None);
                assert_eq!(staff.narrowed_in_organization(organization, grants), None);
            }
        }
    }

    #[test]
    fn a_named_checkout_is_not_widened_by_its_organization() {
        let clock = Clock::default();
        let (organization, checkout) = (OrganizationId::generate(&clock), CheckoutId::generate(&clock));
        let caps = Caps {
            organizations: BTreeMap::from([(organization, OrganizationRole::Owner)]),
            checkouts: BTreeMap::from([(checkout, CheckoutRole::Viewer)]),
        };
        let grants = Grants {
            organization: Some(OrganizationRole::Owner),
            checkout: None,
        };
        let left = staff(Some(caps)).narrowed_in_checkout(organization, checkout, grants);
        assert_eq!(left, Some(CheckoutRole::Viewer.permissions()));
    }
}
