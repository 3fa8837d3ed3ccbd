//! Codes of sessions over HTTP.

use actix_web::{HttpRequest, HttpResponse, delete, post, put};

use super::apply::{Applying, apply};
use super::guesses;
use super::heartbeat::heartbeat;
use super::remove::remove;
use super::views::DiscountInput;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::client_address;
use crate::http::ctx::Ctx;
use crate::http::policy::Buyer;
use crate::http::write::Written;
use crate::kernel::ids::SessionId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::sessions::precondition;
use crate::sessions::views::SessionView;

/// Apply a discount code
///
/// One use of the code is this buyer's from now on, for as long as `expires_at` of the session's `discount` says; every change of
/// the session and `heartbeat` renew it, for an hour at most. Another code takes the place of one that is held, if it can be held
/// itself.
#[utoipa::path(tag = "storefront", operation_id = "applyDiscount", params(("session_id" = SessionId, Path, description = "The session.")), request_body = DiscountInput,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "discount-refused", "too-many-holds", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Held: the session as it is now.", body = SessionView)))]
#[put("/v1/storefront/sessions/{session_id}/discount")]
pub async fn apply_discount(
    ctx: Ctx<Buyer>,
    request: HttpRequest,
    body: Body<DiscountInput>,
) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    let if_match = ctx.request().if_match.clone();
    let (input, fingerprint) = body.into_parts();
    let client = client_address::of(&request);
    let attempt = state.code_limits.begin(Some(&scope.session.to_string()), client)?;
    let network = client.network();
    let answer = ctx
        .write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
            precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
            let applying = Applying {
                keys: &state.keys,
                address: Some(&network),
                checkout: scope.checkout,
            };
            let quoted = apply(tx, applying, scope.session, &input.code)
                .await
                .map_err(|problem| problem.pointing(ProblemCode::DiscountRefused, "/code"))?;
            Ok(Written::ok(SessionView::from(quoted)))
        })
        .await;
    guesses::ended(attempt, answer.as_ref().err());
    answer
}

/// Remove the discount code
///
/// Its use is free at once. Removing what is not there changes nothing.
#[utoipa::path(tag = "storefront", operation_id = "removeDiscount", params(("session_id" = SessionId, Path, description = "The session.")),
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "impossible-transition", "currency-not-offered", "amount-too-large"]))),
    responses((status = 204, description = "Removed.")))]
#[delete("/v1/storefront/sessions/{session_id}/discount")]
pub async fn remove_discount(ctx: Ctx<Buyer>) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
        remove(tx, &state.keys, scope.checkout, scope.session).await?;
        Ok(Written::<()>::nothing())
    })
    .await
}

/// Keep the hold alive
///
/// For a page whose buyer is there and changes nothing: every `renew_after_seconds`.
#[utoipa::path(tag = "storefront", operation_id = "keepSessionAlive", params(("session_id" = SessionId, Path, description = "The session.")),
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed"]))),
    responses((status = 204, description = "Kept.")))]
#[post("/v1/storefront/sessions/{session_id}/heartbeat")]
pub async fn keep_alive(ctx: Ctx<Buyer>) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        heartbeat(tx, &state.keys, scope.checkout, scope.session).await?;
        Ok(Written::<()>::nothing())
    })
    .await
}
