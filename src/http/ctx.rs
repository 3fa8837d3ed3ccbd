//! `Ctx<P>`: the first argument of every handler, and the proof that the caller may be there.
//!
//! `P` names the permission, so a signature says who may call. The extractor is ready at once (who calls was settled by the
//! middleware): actix polls all extractors together, and one that waits would lose to a broken path or body.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::caller::Caller;
use super::client_address;
use super::policy::{Audited, Policy};
use super::problem::REQUEST_ID;
use super::state::State;
use crate::db::Db;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

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
    /// `If-Match`, all its lines.
    pub if_match: Option<String>,
    /// `If-None-Match`, all its lines.
    pub if_none_match: Option<String>,
    /// `Idempotency-Key`, unquoted; `None` too where it is ignored: on reads, and where nobody is known.
    pub idempotency_key: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// The operation's id in the document.
    pub operation: Option<String>,
    /// The client's address.
    pub address: Option<String>,
}

impl RequestFacts {
    /// `keyed`: whether an idempotency key means anything to the request.
    fn of(request: &HttpRequest, state: &State, keyed: bool) -> Result<Self, Problem> {
        let method = request.method();
        let pattern = request.match_pattern();
        let operation = pattern.and_then(|path| state.operations.get(method.as_str(), &path));
        let accept = header(request, "accept");
        if let (Some(operation), Some(accept)) = (operation, accept)
            && !operation.suits(&accept)
        {
            return Err(Problem::new(ProblemCode::NotAcceptable));
        }
        Ok(Self {
            method: method.clone(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            if_match: header(request, "if-match"),
            if_none_match: header(request, "if-none-match"),
            idempotency_key: if keyed { idempotency_key(request)? } else { None },
            request_id: REQUEST_ID.try_with(Clone::clone).ok(),
            operation: operation.map(|operation| operation.id.clone()),
            address: request.peer_addr().map(|_| client_address::of(request).0.to_string()),
        })
    }
}

/// A header that is a list, all its lines as one. What is not UTF-8 is there and equals nothing: an unreadable condition must not
/// pass for one that was not made.
fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let lines: Vec<_> = request
        .headers()
        .get_all(name)
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
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

    /// In whose log a write of this request is kept.
    pub fn audited(&self) -> Option<Audited> {
        P::audited(&self.scope)
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
    let keyed = !request.method().is_safe() && P::idempotency_scope(&scope).is_some();
    let request = RequestFacts::of(request, &state, keyed)?;
    Ok(Ctx { state, scope, request })
}
