//! The buyer's side over HTTP.

use actix_web::{HttpRequest, HttpResponse, get, patch, post};

use super::views::{
    ConfirmInput, OpenedSession, OrderAndPayment, SessionInput, SessionPatch, SessionView, TestPaymentInput,
};
use super::{confirm, open, quote, store, test_payment, update};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::middleware::cors;
use crate::http::policy::{Buyer, Public};
use crate::http::session_secret;
use crate::http::write::{Written, idempotency_key};
use crate::http::{answer, detached};
use crate::kernel::ids::SessionId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::store as orders;
use crate::orders::views::BuyerOrderView;

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
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (checkout, quoted) = open::open(tx, &state.keys, input).await?;
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
    let session = store::find(&conn, ctx.db().clock().offset_ms(), scope.checkout, scope.session).await?;
    let session = session.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let quoted = quote::quoted(&conn, ctx.db().clock(), scope.checkout, session).await?;
    ctx.one(&SessionView::from(quoted))
}

/// Change a session
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged.
#[utoipa::path(tag = "storefront", operation_id = "updateSession", params(("session_id" = SessionId, Path, description = "The session.")), request_body = SessionPatch,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Changed.", body = SessionView)))]
#[patch("/v1/storefront/sessions/{session_id}")]
pub async fn update_session(ctx: Ctx<Buyer>, body: Body<SessionPatch>) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let quoted = update::update(tx, scope.checkout, scope.session, patch).await?;
        Ok(Written::ok(SessionView::from(quoted)))
    })
    .await
}

/// Confirm a session
///
/// Makes the order and starts its payment, if the total is still `expected_total`. Confirming again gives the same order and
/// the same open attempt. Fields that are missing are named by pointers into the session.
#[utoipa::path(tag = "storefront", operation_id = "confirmSession", params(("session_id" = SessionId, Path, description = "The session.")), request_body = ConfirmInput,
    extensions(("x-required-permission" = json!("session")),
        ("x-problem-status" = json!({"link-used-up": 409})),
        ("x-problems" = json!(["quote-changed", "session-closed", "link-used-up", "checkout-closed", "payment-method-unavailable", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Confirmed.", body = OrderAndPayment)))]
#[post("/v1/storefront/sessions/{session_id}/confirm")]
pub async fn confirm_session(ctx: Ctx<Buyer>, body: Body<ConfirmInput>) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let (input, fingerprint) = body.into_parts();
    let key = idempotency_key(&ctx, fingerprint);
    let db = ctx.db().clone();
    let confirmed =
        detached(async move { confirm::confirm(&db, scope.checkout, scope.session, key, input).await }).await?;
    Ok(HttpResponse::Ok().insert_header(answer::JSON).json(confirmed))
}

/// End a test payment
///
/// Test mode only: the session's open test payment ends as asked.
#[utoipa::path(tag = "storefront", operation_id = "endTestPayment", params(("session_id" = SessionId, Path, description = "The session.")), request_body = TestPaymentInput,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["payment-not-open"]))),
    responses((status = 200, description = "The order and its payment as they stand.", body = OrderAndPayment)))]
#[post("/v1/storefront/sessions/{session_id}/test-payment")]
pub async fn end_test_payment(ctx: Ctx<Buyer>, body: Body<TestPaymentInput>) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let (input, _) = body.into_parts();
    let db = ctx.db().clone();
    let ended =
        detached(async move { test_payment::test_payment(&db, scope.checkout, scope.session, input.outcome).await })
            .await?;
    Ok(HttpResponse::Ok().insert_header(answer::JSON).json(ended))
}

/// Read the order of a session
#[utoipa::path(tag = "storefront", operation_id = "getSessionOrder", params(("session_id" = SessionId, Path, description = "The session.")),
    extensions(("x-required-permission" = json!("session"))),
    responses((status = 200, description = "The order as its buyer sees it.", body = BuyerOrderView), (status = 304, description = "Unchanged.")))]
#[get("/v1/storefront/sessions/{session_id}/order")]
pub async fn get_session_order(ctx: Ctx<Buyer>) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let order = confirm::order_of_session(ctx.db(), scope.checkout, scope.session).await?;
    let conn = ctx.db().read().await?;
    let detail = orders::detail(&conn, scope.checkout, order).await?;
    let detail = detail.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&BuyerOrderView::from(&detail))
}
