//! Offers over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{OfferInput, OfferPatch, OfferView};
use super::{archive, create, read, update};
use crate::catalog::listing::StatusQuery;
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, OfferId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfferPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The offer.
    offer_id: OfferId,
}

/// Create an offer
#[utoipa::path(tag = "offers", operation_id = "createOffer", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = OfferInput,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 201, description = "Made.", body = OfferView, headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")))))]
#[post("/v1/checkouts/{checkout_id}/offers")]
pub async fn create_offer(ctx: Ctx<CatalogWrite>, body: Body<OfferInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::create(tx, checkout, input).await?;
        let location = format!("/v1/checkouts/{checkout}/offers/{}", made.offer.id);
        Ok(Written::created(OfferView::from(made), location))
    })
    .await
}

/// List offers
///
/// Those in use, or those put away; newest first.
#[utoipa::path(tag = "offers", operation_id = "listOffers", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), StatusQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of offers.", body = List<OfferView>)))]
#[get("/v1/checkouts/{checkout_id}/offers")]
pub async fn list_offers(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: StatusQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = read::page(&conn, ctx.scope().checkout, asked.status(), &page).await?;
    ctx.page(&ctx.list(page, OfferView::from))
}

/// Read an offer
#[utoipa::path(tag = "offers", operation_id = "getOffer", params(OfferPath),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The offer.", body = OfferView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/offers/{offer_id}")]
pub async fn get_offer(ctx: Ctx<CatalogRead>, path: web::Path<OfferPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = read::one(&conn, ctx.scope().checkout, path.offer_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&OfferView::from(found))
}

/// Change an offer
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged, arrays are replaced whole; items that are sent with their id keep it.
#[utoipa::path(tag = "offers", operation_id = "updateOffer", params(OfferPath), request_body = OfferPatch,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "Changed.", body = OfferView)))]
#[patch("/v1/checkouts/{checkout_id}/offers/{offer_id}")]
pub async fn update_offer(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<OfferPath>,
    body: Body<OfferPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.offer_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::update(tx, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Archive an offer
///
/// It is gone from lists, its links open no session, and it stays for orders and for a later return.
#[utoipa::path(tag = "offers", operation_id = "archiveOffer", params(OfferPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 204, description = "Archived.")))]
#[delete("/v1/checkouts/{checkout_id}/offers/{offer_id}")]
pub async fn archive_offer(ctx: Ctx<CatalogWrite>, path: web::Path<OfferPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.offer_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let (before, _) = archive::set_status(tx, checkout, id, if_match.as_deref(), CatalogStatus::Archived).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Restore an offer
///
/// Takes an archived offer back into use.
#[utoipa::path(tag = "offers", operation_id = "restoreOffer", params(OfferPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "In use again.", body = OfferView)))]
#[post("/v1/checkouts/{checkout_id}/offers/{offer_id}/restore")]
pub async fn restore_offer(ctx: Ctx<CatalogWrite>, path: web::Path<OfferPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.offer_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = archive::set_status(tx, checkout, id, if_match.as_deref(), CatalogStatus::Active).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
