//! Baskets over HTTP.

use actix_web::{HttpResponse, delete, patch, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{AddOnInput, LinePatch, LinesInput};
use super::{add_on, line, link};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::Buyer;
use crate::http::write::Written;
use crate::kernel::ids::{AddOnId, LineId, SessionId};
use crate::kernel::problem::Problem;
use crate::sessions::precondition;
use crate::sessions::views::SessionView;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LinePath {
    /// The session.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    session_id: SessionId,
    /// The line.
    line_id: LineId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct AddOnPath {
    /// The session.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    session_id: SessionId,
    /// The add-on.
    add_on_id: AddOnId,
}

/// Add what another link sells
///
/// The basket of another permanent link of the same checkout, in the session's currency. Each line keeps its link, offer, source
/// and tags.
#[utoipa::path(tag = "storefront", operation_id = "addSessionLines", params(("session_id" = SessionId, Path, description = "The session.")), request_body = LinesInput,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "currency-not-offered", "amount-too-large", "link-inactive"]))),
    responses((status = 201, description = "Added: the session as it is now.", body = SessionView, headers(("Location" = String, description = "Where the session is.")))))]
#[post("/v1/storefront/sessions/{session_id}/lines")]
pub async fn add_lines(ctx: Ctx<Buyer>, body: Body<LinesInput>) -> Result<HttpResponse, Problem> {
    let (scope, state) = (*ctx.scope(), ctx.state().clone());
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let quoted = link::add(tx, &state.keys, scope.checkout, scope.session, input.clone()).await?;
        let location = format!("/v1/storefront/sessions/{}", scope.session);
        Ok(Written::created(SessionView::from(quoted), location))
    })
    .await
}

/// Change a line
///
/// Its quantity, its variant, or whether an optional one is bought. JSON Merge Patch: absent keeps.
#[utoipa::path(tag = "storefront", operation_id = "updateSessionLine", params(LinePath), request_body = LinePatch,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "line-required", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Changed: the session as it is now.", body = SessionView)))]
#[patch("/v1/storefront/sessions/{session_id}/lines/{line_id}")]
pub async fn update_line(
    ctx: Ctx<Buyer>,
    path: web::Path<LinePath>,
    body: Body<LinePatch>,
) -> Result<HttpResponse, Problem> {
    let (scope, state, id) = (*ctx.scope(), ctx.state().clone(), path.line_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
        let quoted = line::update(tx, &state.keys, scope.checkout, scope.session, id, patch).await?;
        Ok(Written::ok(SessionView::from(quoted)))
    })
    .await
}

/// Take a line out
///
/// An optional line is no longer selected; a line of another link or of an add-on is gone.
#[utoipa::path(tag = "storefront", operation_id = "removeSessionLine", params(LinePath),
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "line-required", "currency-not-offered", "amount-too-large"]))),
    responses((status = 204, description = "Taken out.")))]
#[delete("/v1/storefront/sessions/{session_id}/lines/{line_id}")]
pub async fn remove_line(ctx: Ctx<Buyer>, path: web::Path<LinePath>) -> Result<HttpResponse, Problem> {
    let (scope, state, id) = (*ctx.scope(), ctx.state().clone(), path.line_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
        line::remove(tx, &state.keys, scope.checkout, scope.session, id).await?;
        Ok(Written::<()>::nothing())
    })
    .await
}

/// Accept an add-on
///
/// An order bump or a pre-upsell is one more line; an upgrade takes the place of the product that it replaces. Accepting again
/// changes the quantity.
#[utoipa::path(tag = "storefront", operation_id = "acceptAddOn", params(AddOnPath), request_body = AddOnInput,
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "nothing-to-replace", "currency-not-offered", "amount-too-large"]))),
    responses((status = 200, description = "Accepted: the session as it is now.", body = SessionView)))]
#[put("/v1/storefront/sessions/{session_id}/add-ons/{add_on_id}")]
pub async fn accept_add_on(
    ctx: Ctx<Buyer>,
    path: web::Path<AddOnPath>,
    body: Body<AddOnInput>,
) -> Result<HttpResponse, Problem> {
    let (scope, state, id) = (*ctx.scope(), ctx.state().clone(), path.add_on_id);
    let if_match = ctx.request().if_match.clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
        let quoted = add_on::accept(tx, &state.keys, scope.checkout, scope.session, id, input).await?;
        Ok(Written::ok(SessionView::from(quoted)))
    })
    .await
}

/// Decline an add-on
///
/// What an upgrade had replaced comes back. Declining what is not in the basket changes nothing.
#[utoipa::path(tag = "storefront", operation_id = "declineAddOn", params(AddOnPath),
    extensions(("x-required-permission" = json!("session")), ("x-problems" = json!(["session-closed", "currency-not-offered", "amount-too-large"]))),
    responses((status = 204, description = "Declined.")))]
#[delete("/v1/storefront/sessions/{session_id}/add-ons/{add_on_id}")]
pub async fn decline_add_on(ctx: Ctx<Buyer>, path: web::Path<AddOnPath>) -> Result<HttpResponse, Problem> {
    let (scope, state, id) = (*ctx.scope(), ctx.state().clone(), path.add_on_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        precondition::check(tx, &state.keys, scope, if_match.as_deref()).await?;
        add_on::decline(tx, &state.keys, scope.checkout, scope.session, id).await?;
        Ok(Written::<()>::nothing())
    })
    .await
}
