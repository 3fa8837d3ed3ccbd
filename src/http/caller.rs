//! Who is calling: settled once per request, before any handler.

use std::future::Future;
use std::pin::Pin;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId, SessionId, UserId};
use crate::kernel::permission::Permissions;
use crate::kernel::problem::Problem;

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
        /// The only checkout it reaches, unless it belongs to the whole organization.
        checkout: Option<CheckoutId>,
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

/// A member of staff, with what they may do in the checkout that the path names.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Who.
    pub principal: Principal,
    /// The checkout in the path, if they may see it at all, and what they may do there.
    pub checkout: Option<(CheckoutId, Permissions)>,
}

/// Who is calling.
#[derive(Clone, Debug)]
pub enum Caller {
    /// No token came.
    Anonymous,
    /// A token came that proves nothing.
    Unknown,
    /// A member of staff.
    Staff(Staff),
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

/// Turns a bearer token into a member of staff: implemented by `accounts`, which stands above this room.
pub trait Authenticator: Send + Sync {
    /// The staff member of this token, with their permissions in `checkout` as they stand now. `None`: it proves nothing.
    fn authenticate<'a>(&'a self, token: &'a str, checkout: Option<CheckoutId>) -> Authenticated<'a>;
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

/// The checkout a path speaks of: `/v1/checkouts/{checkout_id}/…`. Read before routing, so that one query settles who may do
/// what there.
pub fn checkout_in_path(path: &str) -> Option<CheckoutId> {
    path.strip_prefix("/v1/checkouts/")?.split('/').next()?.parse().ok()
}
