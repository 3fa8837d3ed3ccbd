//! Add-ons over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{AddOnInput, AddOnPatch, AddOnView};
use super::{change, create, store};
use crate::catalog::listing::StatusQuery;
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{AddOnId, CheckoutId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct AddOnPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The add-on.
    add_on_id: AddOnId,
}

/// Create an add-on
#[utoipa::path(tag = "offers", operation_id = "createAddOn", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = AddOnInput,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 201, description = "Made.", body = AddOnView, headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")))))]
#[post("/v1/checkouts/{checkout_id}/add-ons")]
pub async fn create_add_on(ctx: Ctx<CatalogWrite>, body: Body<AddOnInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::create(tx, checkout, input).await?;
        let location = format!("/v1/checkouts/{checkout}/add-ons/{}", made.add_on.id);
        Ok(Written::created(AddOnView::from(made), location))
    })
    .await
}

/// List add-ons
///
/// Those in use, or those put away; newest first.
#[utoipa::path(tag = "offers", operation_id = "listAddOns", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), StatusQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of add-ons.", body = List<AddOnView>)))]
#[get("/v1/checkouts/{checkout_id}/add-ons")]
pub async fn list_add_ons(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: StatusQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, asked.status(), &page).await?;
    ctx.page(&ctx.list(page, AddOnView::from))
}

/// Read an add-on
#[utoipa::path(tag = "offers", operation_id = "getAddOn", params(AddOnPath),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The add-on.", body = AddOnView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/add-ons/{add_on_id}")]
pub async fn get_add_on(ctx: Ctx<CatalogRead>, path: web::Path<AddOnPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = store::find(&conn, ctx.scope().checkout, path.add_on_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&AddOnView::from(found))
}

/// Change an add-on
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged. `status` archives it and takes it back.
#[utoipa::path(tag = "offers", operation_id = "updateAddOn", params(AddOnPath), request_body = AddOnPatch,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "Changed.", body = AddOnView)))]
#[patch("/v1/checkouts/{checkout_id}/add-ons/{add_on_id}")]
pub async fn update_add_on(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<AddOnPath>,
    body: Body<AddOnPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.add_on_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::change(tx, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Archive an add-on
///
/// Offers no longer show it; orders keep it.
#[utoipa::path(tag = "offers", operation_id = "archiveAddOn", params(AddOnPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 204, description = "Archived.")))]
#[delete("/v1/checkouts/{checkout_id}/add-ons/{add_on_id}")]
pub async fn archive_add_on(ctx: Ctx<CatalogWrite>, path: web::Path<AddOnPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.add_on_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let patch = AddOnPatch {
            status: Some(CatalogStatus::Archived),
            ..AddOnPatch::default()
        };
        let (before, _) = change::change(tx, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Restore an add-on
///
/// Takes an archived add-on back into use: offers that have it show it again.
#[utoipa::path(tag = "offers", operation_id = "restoreAddOn", params(AddOnPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "In use again.", body = AddOnView)))]
#[post("/v1/checkouts/{checkout_id}/add-ons/{add_on_id}/restore")]
pub async fn restore_add_on(ctx: Ctx<CatalogWrite>, path: web::Path<AddOnPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.add_on_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let patch = AddOnPatch {
            status: Some(CatalogStatus::Active),
            ..AddOnPatch::default()
        };
        let (before, after) = change::change(tx, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
