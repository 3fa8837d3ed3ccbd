//! `Ctx<P>`: the first argument of every handler, and the proof that the caller may be there.
//!
//! `P` names the permission, so a signature says who may call. The extractor is ready at once (who calls was settled by the
//! middleware): actix polls all extractors together, and one that waits would lose to a broken path or body.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::caller::{Caller, Principal, Staff};
use super::state::State;
use crate::db::Db;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::permission::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Who may call, and what they bring with them.
pub trait Policy: 'static {
    /// What the handler learns: the tenant above all.
    type Scope: Clone + Send + 'static;
    /// Admits or refuses the caller.
    fn admit(caller: &Caller, request: &HttpRequest) -> Result<Self::Scope, Problem>;
    /// What idempotency keys are scoped by; `None` where keys are ignored.
    fn idempotency_scope(_scope: &Self::Scope) -> Option<(uuid::Uuid, String)> {
        None
    }
}

/// A request that was let in.
pub struct Ctx<P: Policy> {
    state: Arc<State>,
    scope: P::Scope,
    request: RequestFacts,
}

/// What answering needs to know of the request.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// The method.
    pub method: Method,
    /// The path, without query.
    pub path: String,
    /// The query string.
    pub query: String,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// `Idempotency-Key`, unquoted.
    pub idempotency_key: Option<String>,
}

impl RequestFacts {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        if header("accept").is_some_and(|accept| !takes_json(&accept)) {
            return Err(Problem::new(ProblemCode::NotAcceptable));
        }
        Ok(Self {
            method: request.method().clone(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            if_match: header("if-match"),
            if_none_match: header("if-none-match"),
            idempotency_key: idempotency_key(request)?,
        })
    }
}

/// Whether an `Accept` header leaves room for JSON.
fn takes_json(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let media = range.split(';').next().unwrap_or_default().trim();
        matches!(
            media.to_ascii_lowercase().as_str(),
            "*/*" | "application/*" | "application/json" | "application/problem+json"
        )
    })
}

/// 1–255 printable ASCII characters, bare or as the quoted string of the IETF draft.
fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let invalid = || {
        Problem::new(ProblemCode::MalformedRequest)
            .detail("Idempotency-Key must be 1 to 255 printable ASCII characters")
    };
    let text = value.to_str().map_err(|_| invalid())?;
    let bare = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    if (1..=255).contains(&bare.len()) && bare.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        Ok(Some(bare.to_owned()))
    } else {
        Err(invalid())
    }
}

impl<P: Policy> Ctx<P> {
    /// The application's parts.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.state.db
    }

    /// What the policy learned of the caller: the tenant above all.
    pub fn scope(&self) -> &P::Scope {
        &self.scope
    }

    /// What answering needs to know of the request.
    pub fn request(&self) -> &RequestFacts {
        &self.request
    }

    /// What an idempotency key of this request is scoped by.
    pub fn idempotency_scope(&self) -> Option<(uuid::Uuid, String)> {
        P::idempotency_scope(&self.scope)
    }
}

impl<P: Policy> FromRequest for Ctx<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(admit::<P>(request))
    }
}

fn admit<P: Policy>(request: &HttpRequest) -> Result<Ctx<P>, Problem> {
    let state = request
        .app_data::<Arc<State>>()
        .cloned()
        .ok_or_else(|| Problem::internal("the application has no state"))?;
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>().unwrap_or(&Caller::Anonymous);
    let scope = P::admit(caller, request)?;
    Ok(Ctx {
        state,
        scope,
        request: RequestFacts::of(request)?,
    })
}

fn staff(caller: &Caller) -> Result<&Staff, Problem> {
    match caller {
        Caller::Staff(staff) => Ok(staff),
        Caller::Anonymous | Caller::Unknown | Caller::Buyer { .. } => Err(Problem::new(ProblemCode::Unauthenticated)),
    }
}

/// Anyone; tokens are ignored.
pub struct Public;

impl Policy for Public {
    type Scope = ();
    fn admit(_: &Caller, _: &HttpRequest) -> Result<(), Problem> {
        Ok(())
    }
}

/// Any member of staff: for what belongs to the caller themselves.
pub struct SignedIn;

impl Policy for SignedIn {
    type Scope = Principal;
    fn admit(caller: &Caller, _: &HttpRequest) -> Result<Principal, Problem> {
        staff(caller).map(|staff| staff.principal)
    }
}

/// The buyer of the session in the path.
pub struct Buyer;

/// Which session a buyer holds the secret of.
#[derive(Clone, Copy, Debug)]
pub struct BuyerScope {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The session.
    pub session: SessionId,
}

impl Policy for Buyer {
    type Scope = BuyerScope;

    fn admit(caller: &Caller, request: &HttpRequest) -> Result<BuyerScope, Problem> {
        let Caller::Buyer { checkout, session } = caller else {
            return Err(Problem::new(ProblemCode::Unauthenticated));
        };
        // The secret of one session says nothing about another: it does not exist for this caller.
        if request.match_info().get("session_id") != Some(session.to_string().as_str()) {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        Ok(BuyerScope {
            checkout: *checkout,
            session: *session,
        })
    }

    fn idempotency_scope(scope: &BuyerScope) -> Option<(uuid::Uuid, String)> {
        Some((scope.checkout.uuid(), scope.session.to_string()))
    }
}

/// Who acts in which checkout.
#[derive(Clone, Copy, Debug)]
pub struct CheckoutScope {
    /// The tenant.
    pub checkout: CheckoutId,
    /// Who acts.
    pub principal: Principal,
}

fn admit_to_checkout(caller: &Caller, request: &HttpRequest, needed: Permission) -> Result<CheckoutScope, Problem> {
    let staff = staff(caller)?;
    let asked = request.match_info().get("checkout_id").and_then(|id| id.parse().ok());
    // Another tenant's checkout, an unknown one and something that is no id at all are the same answer.
    let (checkout, permissions) = staff
        .checkout
        .filter(|(checkout, _)| Some(*checkout) == asked)
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if !permissions.allows(needed) {
        return Err(Problem::new(ProblemCode::Forbidden).detail(format!("requires {}", needed.as_str())));
    }
    Ok(CheckoutScope {
        checkout,
        principal: staff.principal,
    })
}

macro_rules! checkout_policies {
    ($($name:ident)+) => {$(
        #[doc = concat!("A caller with the permission of the same name in the checkout of the path.")]
        pub struct $name;

        impl Policy for $name {
            type Scope = CheckoutScope;
            fn admit(caller: &Caller, request: &HttpRequest) -> Result<CheckoutScope, Problem> {
                admit_to_checkout(caller, request, Permission::$name)
            }
            fn idempotency_scope(scope: &CheckoutScope) -> Option<(uuid::Uuid, String)> {
                Some((scope.checkout.uuid(), scope.principal.scope()))
            }
        }
    )+};
}

checkout_policies! {
    CheckoutRead CatalogRead CatalogWrite WebhooksRead WebhooksWrite OrdersRead
}
