//! Refuses clients that call too often, and tells every other how much is left (`RateLimit` of
//! draft-ietf-httpapi-ratelimit-headers-11).
//!
//! A token has a count of its own only once it has proved something: until then the client's address pays, or each invented
//! token would bring a new quota with it. Refusals cost no query.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError};

use crate::http::caller::{Caller, bearer};
use crate::http::client_address;
use crate::http::limiter::{Key, Limiter, Verdict};
use crate::http::rate_limits::Class;
use crate::http::session_secret;
use crate::http::state::State;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Who pays for a request.
struct Payer {
    key: Key,
    /// The key of a token that has proved nothing yet: pays from now on if it does.
    token: Option<Key>,
}

fn payer(state: &State, class: Class, limiter: &Limiter, request: &ServiceRequest) -> Payer {
    let address = || client_address::of(request).network();
    let by_address = || Payer {
        key: Key::of("address", &address()),
        token: None,
    };
    let Some(token) = bearer(request.request()).filter(|_| class != Class::Auth) else {
        return by_address();
    };
    let by_token = Key::of("token", token);
    let proved = if token.starts_with(session_secret::PREFIX) {
        if session_secret::read(&state.keys, token).is_none() {
            return by_address();
        }
        true
    } else {
        limiter.knows(&by_token)
    };
    if proved {
        return Payer {
            key: by_token,
            token: None,
        };
    }
    Payer {
        // Not the count of those without a token: a program with an old token must not shut out its neighbours' visitors.
        key: Key::of("unproven", &address()),
        token: Some(by_token),
    }
}

/// The limit that holds for a path and the client of this request.
fn limit_of<'a>(state: &'a State, request: &ServiceRequest, path: &str) -> Option<(Class, &'a Limiter)> {
    let class = Class::of(path)?;
    let limits = &state.rate_limits;
    if limits.exempt_loopback && client_address::of(request).0.is_loopback() {
        return None;
    }
    Some((class, limits.of(class)?))
}

/// Counts the request; 429 when it is one too many.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let state = request.app_data::<Arc<State>>().cloned();
    // The decoded path, which is what routes are matched by: `/v1/%61uth/login` is a sign-in too.
    let limit = state
        .as_ref()
        .and_then(|state| limit_of(state, &request, request.match_info().unprocessed()).map(|limit| (state, limit)));
    let Some((state, (class, limiter))) = limit else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let payer = payer(state, class, limiter, &request);
    let mut verdict = limiter.check(&payer.key);
    if let Verdict::Refused { .. } = verdict {
        let response = request.into_response(refusal(class, limiter, verdict));
        return Ok(response.map_into_right_body());
    }
    let mut response = next.call(request).await?;
    if let Some(token) = payer.token {
        let proved = matches!(response.request().extensions().get(), Some(Caller::Staff(_)));
        if proved {
            verdict = limiter.check(&token);
        }
    }
    say(response.headers_mut(), class, limiter, verdict);
    Ok(response.map_into_left_body())
}

/// Counts one for the client's address in the class of `path`: for what is answered before [`limit`] and costs a query.
pub fn count_by_address(state: &State, request: &ServiceRequest, path: &str) -> Result<(), HttpResponse> {
    let Some((class, limiter)) = limit_of(state, request, path) else {
        return Ok(());
    };
    let verdict = limiter.check(&Key::of("address", &client_address::of(request).network()));
    match verdict {
        Verdict::Allowed { .. } => Ok(()),
        Verdict::Refused { .. } => Err(refusal(class, limiter, verdict)),
    }
}

fn refusal(class: Class, limiter: &Limiter, verdict: Verdict) -> HttpResponse {
    let quota = limiter.quota();
    let mut problem = Problem::new(ProblemCode::RateLimited).detail(format!(
        "at most {} requests in {} seconds",
        quota.count(),
        quota.seconds()
    ));
    if let Verdict::Refused { retry_after } = verdict {
        problem = problem.retry_after(retry_after);
    }
    let mut response = problem.error_response();
    say(response.headers_mut(), class, limiter, verdict);
    response
}

/// The policy and what is left of it. `t` is when the whole quota is there again; in a refusal it is `Retry-After`.
fn say(headers: &mut HeaderMap, class: Class, limiter: &Limiter, verdict: Verdict) {
    let (quota, name) = (limiter.quota(), class.name());
    let (remaining, seconds) = match verdict {
        Verdict::Allowed { remaining, whole_in } => (remaining, whole_in),
        Verdict::Refused { retry_after } => (0, retry_after),
    };
    let policy = format!("\"{name}\";q={};w={}", quota.count(), quota.seconds());
    let left = format!("\"{name}\";r={remaining};t={seconds}");
    for (header, value) in [(POLICY, policy), (LIMIT, left)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header, value);
        }
    }
}
