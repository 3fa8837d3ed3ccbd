//! Actions of a checkout over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{ActionInput, ActionPatch, ActionView};
use super::{change, create, store};
use crate::catalog::listing::StatusQuery;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{ActionId, CheckoutId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ActionPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The action.
    action_id: ActionId,
}

/// Create an action
///
/// It is put on orders that are confirmed from now on, as it is then. The answer to a `webhook` or `license` has the `secret` that its
/// requests are signed with; no other answer has it.
#[utoipa::path(tag = "actions", operation_id = "createAction", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = ActionInput,
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["already-licensed"]))),
    responses((status = 201, description = "Made.", body = ActionView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/checkouts/{checkout_id}/actions")]
pub async fn create_action(ctx: Ctx<CatalogWrite>, body: Body<ActionInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let state = ctx.state().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::create(tx, &state, checkout, input).await?;
        let location = format!("/v1/checkouts/{checkout}/actions/{}", made.id);
        Ok(Written::created(made, location).with_secret())
    })
    .await
}

/// List actions
///
/// Those in use, or those put away; newest first.
#[utoipa::path(tag = "actions", operation_id = "listActions", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), StatusQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of actions.", body = List<ActionView>)))]
#[get("/v1/checkouts/{checkout_id}/actions")]
pub async fn list_actions(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: StatusQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, asked.status(), &page).await?;
    ctx.page(&ctx.list(page, ActionView::from))
}

/// Read an action
#[utoipa::path(tag = "actions", operation_id = "getAction", params(ActionPath),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The action.", body = ActionView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/actions/{action_id}")]
pub async fn get_action(ctx: Ctx<CatalogRead>, path: web::Path<ActionPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = store::find(&conn, ctx.scope().checkout, path.action_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&ActionView::from(found))
}

/// Change an action
///
/// JSON Merge Patch. Orders keep the configuration they were confirmed with, until somebody re-runs them with the latest.
#[utoipa::path(tag = "actions", operation_id = "updateAction", params(ActionPath), request_body = ActionPatch,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "Changed.", body = ActionView)))]
#[patch("/v1/checkouts/{checkout_id}/actions/{action_id}")]
pub async fn update_action(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<ActionPath>,
    body: Body<ActionPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.action_id);
    let if_match = ctx.request().if_match.clone();
    let state = ctx.state().clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::change(tx, &state, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Archive an action
///
/// New orders do not have it; those that have it keep it and can run it again.
#[utoipa::path(tag = "actions", operation_id = "archiveAction", params(ActionPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 204, description = "Archived.")))]
#[delete("/v1/checkouts/{checkout_id}/actions/{action_id}")]
pub async fn archive_action(ctx: Ctx<CatalogWrite>, path: web::Path<ActionPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.action_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let before = change::archive(tx, checkout, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Restore an action
///
/// Takes an archived action back into use: orders that are confirmed from now on have it.
#[utoipa::path(tag = "actions", operation_id = "restoreAction", params(ActionPath),
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["already-licensed"]))),
    responses((status = 200, description = "In use again.", body = ActionView)))]
#[post("/v1/checkouts/{checkout_id}/actions/{action_id}/restore")]
pub async fn restore_action(ctx: Ctx<CatalogWrite>, path: web::Path<ActionPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.action_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::restore(tx, checkout, id, if_match.as_deref()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Renew the signing key of an action
///
/// For `webhook` and `license`: requests are signed with the new `secret` from now on. It is in this answer and in no other.
#[utoipa::path(tag = "actions", operation_id = "rotateActionSecret", params(ActionPath),
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["action-not-signed"]))),
    responses((status = 200, description = "Renewed.", body = ActionView)))]
#[post("/v1/checkouts/{checkout_id}/actions/{action_id}/rotate-secret")]
pub async fn rotate_action_secret(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<ActionPath>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.action_id);
    let state = ctx.state().clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::rotate(tx, &state, checkout, id).await?;
        Ok(Written::changed(&before, after).with_secret())
    })
    .await
}
