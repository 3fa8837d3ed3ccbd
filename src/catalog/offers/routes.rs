//! Offers over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{OfferInput, OfferView};
use super::{create, store};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
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
/// Those in use, newest first.
#[utoipa::path(tag = "offers", operation_id = "listOffers", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of offers.", body = List<OfferView>)))]
#[get("/v1/checkouts/{checkout_id}/offers")]
pub async fn list_offers(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, &page).await?;
    ctx.page(&ctx.list(page, OfferView::from))
}

/// Read an offer
#[utoipa::path(tag = "offers", operation_id = "getOffer", params(OfferPath),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The offer.", body = OfferView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/offers/{offer_id}")]
pub async fn get_offer(ctx: Ctx<CatalogRead>, path: web::Path<OfferPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = store::find(&conn, ctx.scope().checkout, path.offer_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&OfferView::from(found))
}
