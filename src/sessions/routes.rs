//! The buyer's side over HTTP.

use actix_web::{HttpRequest, HttpResponse, get, patch, post};

use super::discount::guesses;
use super::read::read;
use super::views::{OpenedSession, SessionInput, SessionPatch, SessionView};
use super::{open, precondition, update};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::client_address;
use crate::http::ctx::Ctx;
use crate::http::middleware::cors;
use crate::http::policy::{Buyer, Public};
use crate::http::session_secret;
use crate::http::write::Written;
use crate::kernel::ids::SessionId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Open a session
///
/// From a permanent link, by the slugs of its checkout and itself, or from a custom one by `link_token`. The answer's `client_secret` opens every other route of the session.
#[utoipa::path(tag = "storefront", operation_id = "openSession", request_body = SessionInput,
    extensions(("x-problems" = json!(["not-found", "link-signature-invalid", "link-inactive", "link-expired", "link-used-up", "checkout-closed", "currency-not-offered", "amount-too-large"]))),
    responses((status = 201, description = "Opened.", body = OpenedSession, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/storefront/sessions")]
pub async fn open_session(
    ctx: Ctx<Public>,
    request: HttpRequest,
    body: Body<SessionInput>,
) -> Result<HttpResponse, Problem> {
    let (input, fingerprint) = body.into_parts();
    let state = ctx.state().clone();
    if let Some(checkout) = open::which_checkout(ctx.db(), &state.keys, &input).await? {
        cors::admit(&request, checkout).await?;
    }
    let client = client_address::of(&request);
    let guess = guesses::begin_if(&state.code_limits, input.discount_code.is_some(), client)?;
    let network = client.network();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (checkout, quoted) = open::open(tx, &state.keys, &network, input.clone())
            .await
            .map_err(|problem| problem.pointing(ProblemCode::CurrencyNotOffered, "/currency"))?;
        guesses::ended_with(&guess, &quoted.messages);
        let client_secret = session_secret::issue(&state.keys, checkout, quoted.session.id);
        let location = format!("/v1/storefront/sessions/{}", quoted.session.id);
        let session = SessionView::from(quoted);
        Ok(Written::created(OpenedSession { session, client_secret }, location))
    })
    .await
}

/// Read a session
///
/// The quote is computed from the prices as they stand; after the confirmation the order says what was agreed.
#[utoipa::path(tag = "storefront", operation_id = "getSession", params(("session_id" = SessionId, Path, description = "The session.")),
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["currency-not-offered"]))),
    responses((status = 200, description = "The session.", body = SessionView), (status = 304, description = "Unchanged.")))]
#[get("/v1/storefront/sessions/{session_id}")]
pub async fn get_session(ctx: Ctx<Buyer>) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let conn = ctx.db().read().await?;
    ctx.one(
        &read(
            &conn,
            ctx.db().clock(),
            &ctx.state().keys,
            scope.checkout,
            scope.session,
        )
        .await?,
    )
}

/// Change a session
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged.
#[utoipa::path(tag = "storefront", operation_id = "updateSession", params(("session_id" = SessionId, Path, description = "The session.")), request_body = SessionPatch,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Changed.", body = SessionView)))]
#[patch("/v1/storefront/sessions/{session_id}")]
pub async fn update_session(ctx: Ctx<Buyer>, body: Body<SessionPatch>) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
        let chosen = patch.currency.is_some();
        let quoted = update::update(tx, &state.keys, scope.checkout, scope.session, patch.clone()).await;
        let quoted = quoted.map_err(|problem| match chosen {
            true => problem.pointing(ProblemCode::CurrencyNotOffered, "/currency"),
            false => problem,
        })?;
        Ok(Written::ok(SessionView::from(quoted)))
    })
    .await
}
