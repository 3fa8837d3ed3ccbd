//! Payments of sessions over HTTP.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, get, post};

use super::show::order_of_session;
use super::views::{ConfirmInput, OrderAndPayment, PaymentInput, TestPaymentInput};
use super::{attempt, confirm, resume, test_payment};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::part::Part;
use crate::http::policy::Buyer;
use crate::http::write::{Written, idempotency_key};
use crate::http::{answer, detached};
use crate::kernel::ids::SessionId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::buyer::views::BuyerOrderView;
use crate::orders::store as orders;
use crate::payments::desk::Desk;
use crate::sessions::views::SessionView;

/// Confirm a session
///
/// Makes the order and starts its payment, if the total is still `expected_total`. Confirming again gives the same order and
/// the same open attempt; after `resume` it makes the next revision of the order. Fields that are missing are named by pointers into
/// the session. A total of nothing is confirmed with the provider `free`, and is paid at once.
#[utoipa::path(tag = "storefront", operation_id = "confirmSession", params(("session_id" = SessionId, Path, description = "The session.")), request_body = ConfirmInput,
    extensions(("x-required-permission" = json!("session")),
        ("x-problem-status" = json!({"link-used-up": 409})),
        ("x-problems" = json!(["quote-changed", "session-closed", "link-used-up", "checkout-closed", "payment-method-unavailable", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Confirmed.", body = OrderAndPayment)))]
#[post("/v1/storefront/sessions/{session_id}/confirm")]
pub async fn confirm_session(
    ctx: Ctx<Buyer>,
    desk: Part<Desk>,
    body: Body<ConfirmInput>,
) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    let (input, fingerprint) = body.into_parts();
    let key = idempotency_key(&ctx, fingerprint);
    let confirmed = detached(async move {
        let buyer = confirm::Confirming {
            keys: &state.keys,
            checkout: scope.checkout,
            session: scope.session,
        };
        confirm::confirm(&desk, buyer, key, input).await
    })
    .await?;
    Ok(HttpResponse::Ok().insert_header(answer::JSON).json(confirmed))
}

/// Pay in another way
///
/// Closes the open attempt of the session's unpaid order and starts another one. The same provider again, while its attempt is
/// open, gives that attempt. If the hold of the order's discount code has lapsed, it is taken again first.
#[utoipa::path(tag = "storefront", operation_id = "createPayment", params(("session_id" = SessionId, Path, description = "The session.")), request_body = PaymentInput,
    extensions(("x-required-permission" = json!("session")),
        ("x-problems" = json!(["session-not-confirmed", "checkout-closed", "payment-method-unavailable", "discount-unavailable"]))),
    responses((status = 201, description = "Started.", body = OrderAndPayment, headers(("Location" = String, description = "Where the order is.")))))]
#[post("/v1/storefront/sessions/{session_id}/payments")]
pub async fn create_payment(
    ctx: Ctx<Buyer>,
    desk: Part<Desk>,
    body: Body<PaymentInput>,
) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let (input, fingerprint) = body.into_parts();
    let key = idempotency_key(&ctx, fingerprint);
    let started =
        detached(async move { attempt::attempt(&desk, scope.checkout, scope.session, key, input).await }).await?;
    let location = format!("/v1/storefront/sessions/{}/order", scope.session);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header(answer::JSON)
        .json(started))
}

/// Go back to the basket
///
/// The open attempt to pay is closed, the order stays as it is, and the session can be changed and confirmed again. An open session
/// stays as it is.
#[utoipa::path(tag = "storefront", operation_id = "resumeSession", params(("session_id" = SessionId, Path, description = "The session.")),
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Open again.", body = SessionView)))]
#[post("/v1/storefront/sessions/{session_id}/resume")]
pub async fn resume_session(ctx: Ctx<Buyer>) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let quoted = resume::resume(tx, &state.keys, scope.checkout, scope.session).await?;
        Ok(Written::ok(SessionView::from(quoted)))
    })
    .await
}

/// End a test payment
///
/// Test mode only: the session's open test payment ends as asked.
#[utoipa::path(tag = "storefront", operation_id = "endTestPayment", params(("session_id" = SessionId, Path, description = "The session.")), request_body = TestPaymentInput,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["payment-not-open"]))),
    responses((status = 200, description = "The order and its payment as they stand.", body = OrderAndPayment)))]
#[post("/v1/storefront/sessions/{session_id}/test-payment")]
pub async fn end_test_payment(
    ctx: Ctx<Buyer>,
    desk: Part<Desk>,
    body: Body<TestPaymentInput>,
) -> Result<HttpResponse, Problem> {
    let scope = *ctx.scope();
    let (input, _) = body.into_parts();
    let ended =
        detached(async move { test_payment::test_payment(&desk, scope.checkout, scope.session, input.outcome).await })
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
    let order = order_of_session(ctx.db(), scope.checkout, scope.session).await?;
    let conn = ctx.db().read().await?;
    let detail = orders::detail(&conn, scope.checkout, order).await?;
    let detail = detail.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&BuyerOrderView::from(&detail))
}
