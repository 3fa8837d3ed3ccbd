//! Cross-origin requests: which web pages may call, and what their scripts may read.
//!
//! | routes | allowed |
//! |---|---|
//! | `/v1/storefront/` | the checkout's `allowed_origins`; while no checkout is known, every origin |
//! | everything else under `/v1/` | `KASSA_MANAGEMENT_ORIGINS` |
//! | `/openapi/`, `/problems/`, `/.well-known/`, health | every origin |
//! | callbacks, returns, `/docs` | not for scripts: left alone |
//!
//! Tokens are sent by scripts and never by the browser itself, so credentials are never allowed. A page that is not allowed is
//! refused before any handler runs. [`answer`] stands outside of the limits and of authentication, so that their refusals can be
//! read too; [`guard`] stands inside, where the buyer's checkout is known.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};

use super::rate_limit;
use crate::http::caller::Caller;
use crate::http::origins::WhichCheckout;
use crate::http::state::State;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Slug;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
/// `Authorization` by name: a wildcard never covers it.
const REQUEST_HEADERS: &str =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, traceparent";
const ANSWER_HEADERS: &str = "ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, \
                              Idempotent-Replayed, Deprecation, Sunset";
/// Two hours: browsers keep no preflight for longer.
const MAX_AGE: &str = "7200";

/// Whose list of origins holds for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// That of a checkout, if the path names one.
    Storefront(Option<Slug>),
    /// The operator's.
    Management,
    /// Nobody's: public for everyone.
    Everyone,
}

impl Audience {
    /// The audience of a path or path template; `None`: the path is not for scripts.
    pub fn of(path: &str) -> Option<Self> {
        let Some(rest) = path.strip_prefix("/v1/") else {
            let public = ["/openapi/", "/problems/", "/.well-known/", "/livez", "/readyz"];
            return public
                .iter()
                .any(|start| path.starts_with(start))
                .then_some(Self::Everyone);
        };
        let mut parts = rest.split('/');
        match (parts.next()?, parts.next(), parts.next()) {
            ("callbacks" | "returns", ..) => None,
            ("storefront", Some("checkouts"), Some(slug)) => Some(Self::Storefront(slug.parse().ok())),
            ("storefront", ..) => Some(Self::Storefront(None)),
            _ => Some(Self::Management),
        }
    }
}

/// What was decided about the origin of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// Every origin is allowed.
    Any,
    /// This one is.
    Own,
    /// This one is not.
    Refused,
}

impl Decision {
    fn by_list(origin: &str, list: &[String]) -> Self {
        if list.iter().any(|allowed| allowed == "*") {
            Self::Any
        } else if list.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
            Self::Own
        } else {
            Self::Refused
        }
    }

    fn refusal(self) -> Result<(), Problem> {
        match self {
            Self::Any | Self::Own => Ok(()),
            Self::Refused => Err(Problem::new(ProblemCode::OriginNotAllowed)),
        }
    }
}

/// The `Origin` of a request. One that cannot be read, or several, are an origin that is on no list.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::ORIGIN);
    let first = all.next()?;
    match (first.to_str(), all.next()) {
        (Ok(origin), None) => Some(origin),
        _ => Some("null"),
    }
}

/// Whether the page came from this very server, as the documentation does: by the address we know of, or the one it was asked at.
fn is_ours(origin: &str, state: &State, headers: &HeaderMap) -> bool {
    let authority = |url: &str| {
        url.split_once("://")
            .map(|(_, rest)| rest.split('/').next().unwrap_or_default().to_owned())
    };
    let scheme = |url: &str| url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let Some(theirs) = authority(origin) else {
        return false;
    };
    let known = authority(&state.public_url).is_some_and(|ours| ours.eq_ignore_ascii_case(&theirs))
        && scheme(origin) == scheme(&state.public_url);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    known || host.is_some_and(|host| host.eq_ignore_ascii_case(&theirs))
}

/// What the path, the settings and the headers decide; `None`: it takes the checkout.
fn decide(audience: &Audience, origin: &str, state: &State, headers: &HeaderMap) -> Option<Decision> {
    match audience {
        Audience::Everyone => Some(Decision::Any),
        _ if is_ours(origin, state, headers) => Some(Decision::Own),
        Audience::Management => Some(Decision::by_list(origin, &state.management_origins)),
        Audience::Storefront(_) => None,
    }
}

async fn ask(state: &State, origin: &str, checkout: WhichCheckout) -> Result<Option<Decision>, Problem> {
    let list = state.origins.allowed(checkout).await?;
    Ok(list.map(|list| Decision::by_list(origin, &list)))
}

/// Answers preflights, refuses strangers on management routes, and puts the headers on every other answer.
pub async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let path = request.match_info().unprocessed();
    let (Some(state), Some(audience)) = (request.app_data::<Arc<State>>().cloned(), Audience::of(path)) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let varies = audience != Audience::Everyone;
    let Some(origin) = origin(request.headers()).map(str::to_owned) else {
        let mut response = next.call(request).await?;
        vary(response.headers_mut(), varies);
        return Ok(response.map_into_left_body());
    };
    let decided = decide(&audience, &origin, &state, request.headers());
    let asks_first =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if asks_first {
        let (decision, mut response) = preflight(&state, &request, &audience, &origin, decided).await;
        allow(response.headers_mut(), decision, &origin);
        vary(response.headers_mut(), varies);
        return Ok(request.into_response(response).map_into_right_body());
    }
    if decided == Some(Decision::Refused) {
        let mut response = Problem::new(ProblemCode::OriginNotAllowed).error_response();
        vary(response.headers_mut(), varies);
        return Ok(request.into_response(response).map_into_right_body());
    }
    if let Some(decision) = decided {
        request.extensions_mut().insert(decision);
    }
    let mut response = next.call(request).await?;
    let decision = response.request().extensions().get::<Decision>().copied();
    // Refused before any checkout was known (429, 401, 503): every page may read why, there is nothing else in the answer.
    let decision = decision.unwrap_or(Decision::Any);
    let headers = response.headers_mut();
    allow(headers, decision, &origin);
    if decision != Decision::Refused {
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }
    vary(headers, varies);
    Ok(response.map_into_left_body())
}

/// The answer to a preflight. It carries no token, so most storefront routes have no checkout yet and are allowed: the request that
/// follows is judged.
async fn preflight(
    state: &State,
    request: &ServiceRequest,
    audience: &Audience,
    origin: &str,
    decided: Option<Decision>,
) -> (Decision, HttpResponse) {
    let decision = match (decided, audience) {
        (Some(decision), _) => decision,
        (None, Audience::Storefront(Some(slug))) => {
            if let Err(refusal) = rate_limit::count_by_address(state, request, request.match_info().unprocessed()) {
                return (Decision::Any, refusal);
            }
            match ask(state, origin, WhichCheckout::Slug(slug.clone())).await {
                Ok(decision) => decision.unwrap_or(Decision::Any),
                Err(problem) => return (Decision::Any, problem.error_response()),
            }
        }
        (None, _) => Decision::Any,
    };
    if let Err(problem) = decision.refusal() {
        return (decision, problem.error_response());
    }
    let mut response = HttpResponse::NoContent().finish();
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    set(headers, header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    (decision, response)
}

fn allow(headers: &mut HeaderMap, decision: Decision, origin: &str) {
    match decision {
        Decision::Any => set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        Decision::Own => {
            if let Ok(value) = HeaderValue::from_str(origin) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
            }
        }
        Decision::Refused => {}
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Also on answers to requests without an origin: a cache must not give one of those to a page.
fn vary(headers: &mut HeaderMap, varies: bool) {
    if varies {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// Refuses pages that the checkout in the path, or that of the buyer, does not allow.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    if let Some(checkout) = checkout_of(&request)
        && let Err(problem) = admit(request.request(), checkout).await
    {
        return Ok(request.error_response(problem).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// The checkout whose list decides, when a page asks and nothing has decided yet.
fn checkout_of(request: &ServiceRequest) -> Option<WhichCheckout> {
    let origin = origin(request.headers());
    if origin.is_none() || request.extensions().get::<Decision>().is_some() {
        return None;
    }
    match Audience::of(request.match_info().unprocessed())? {
        Audience::Storefront(Some(slug)) => Some(WhichCheckout::Slug(slug)),
        Audience::Storefront(None) => match request.extensions().get::<Caller>() {
            Some(Caller::Buyer { checkout, .. }) => Some(WhichCheckout::Id(*checkout)),
            _ => None,
        },
        Audience::Management | Audience::Everyone => None,
    }
}

/// Refuses the page that makes this request unless the checkout allows it. For handlers that learn of the checkout from the body or
/// a token in it: call it before anything is changed.
pub async fn admit(request: &HttpRequest, checkout: WhichCheckout) -> Result<(), Problem> {
    let Some(origin) = origin(request.headers()) else {
        return Ok(());
    };
    if request.extensions().get::<Decision>().is_some() {
        // Refused ones do not come this far.
        return Ok(());
    }
    let state = request
        .app_data::<Arc<State>>()
        .ok_or_else(|| Problem::internal("the application has no state"))?;
    let Some(decision) = ask(state, origin, checkout).await? else {
        return Ok(());
    };
    request.extensions_mut().insert(decision);
    decision.refusal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_their_audience() {
        let slug: Slug = "demo".parse().expect("a slug");
        for (path, audience) in [
            (
                "/v1/storefront/checkouts/demo",
                Some(Audience::Storefront(Some(slug.clone()))),
            ),
            (
                "/v1/storefront/checkouts/demo/links/x",
                Some(Audience::Storefront(Some(slug))),
            ),
            ("/v1/storefront/checkouts/No_Slug", Some(Audience::Storefront(None))),
            ("/v1/storefront/sessions", Some(Audience::Storefront(None))),
            ("/v1/auth/login", Some(Audience::Management)),
            ("/v1/checkouts", Some(Audience::Management)),
            ("/v1/callbacks/stripe/x", None),
            ("/v1/returns/stripe/x", None),
            ("/openapi/v1.json", Some(Audience::Everyone)),
            ("/.well-known/jwks.json", Some(Audience::Everyone)),
            ("/docs/index.html", None),
            ("/", None),
        ] {
            assert_eq!(Audience::of(path), audience, "{path}");
        }
    }

    #[test]
    fn lists_decide_by_the_whole_origin() {
        let list = ["https://shop.example.com".to_owned()];
        for (origin, decision) in [
            ("https://shop.example.com", Decision::Own),
            ("https://SHOP.example.com", Decision::Own),
            ("http://shop.example.com", Decision::Refused),
            ("https://shop.example.com:8443", Decision::Refused),
            ("https://shop.example.com.evil.example", Decision::Refused),
            ("https://evil-shop.example.com", Decision::Refused),
            ("null", Decision::Refused),
            ("", Decision::Refused),
        ] {
            assert_eq!(Decision::by_list(origin, &list), decision, "{origin}");
        }
        assert_eq!(Decision::by_list("null", &["*".to_owned()]), Decision::Any);
        assert_eq!(Decision::by_list("https://a.example", &[]), Decision::Refused);
    }
}
