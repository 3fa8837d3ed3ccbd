//! Links over HTTP: for staff, and their public face.

use actix_web::{HttpResponse, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{LinkInput, LinkPatch, LinkView, PublicLinkView};
use super::{create, public, store, update};
use crate::checkouts;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{CatalogRead, CatalogWrite, Public};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Slug;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LinkPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The link.
    link_id: LinkId,
}

/// Create a link
#[utoipa::path(tag = "links", operation_id = "createCheckoutLink", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = LinkInput,
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["name-taken"]))),
    responses((status = 201, description = "Made.", body = LinkView, headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")))))]
#[post("/v1/checkouts/{checkout_id}/checkout-links")]
pub async fn create_link(ctx: Ctx<CatalogWrite>, body: Body<LinkInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::create(tx, checkout, input).await?;
        let shop = checkouts::store::find(tx.conn(), checkout).await?;
        let location = format!("/v1/checkouts/{checkout}/checkout-links/{}", made.id);
        let storefront = shop.and_then(|shop| shop.storefront_url);
        Ok(Written::created(LinkView::of(made, storefront.as_deref()), location))
    })
    .await
}

/// List links
#[utoipa::path(tag = "links", operation_id = "listCheckoutLinks", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of links, newest first.", body = List<LinkView>)))]
#[get("/v1/checkouts/{checkout_id}/checkout-links")]
pub async fn list_links(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (page, shop) = futures_util::try_join!(
        store::page(&conn, checkout, &page),
        checkouts::store::find(&conn, checkout)
    )?;
    let storefront = shop.and_then(|shop| shop.storefront_url);
    ctx.page(&ctx.list(page, |row| LinkView::of(row, storefront.as_deref())))
}

/// Read a link
#[utoipa::path(tag = "links", operation_id = "getCheckoutLink", params(LinkPath),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The link.", body = LinkView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/checkout-links/{link_id}")]
pub async fn get_link(ctx: Ctx<CatalogRead>, path: web::Path<LinkPath>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (found, shop) = futures_util::try_join!(
        store::find(&conn, checkout, path.link_id),
        checkouts::store::find(&conn, checkout)
    )?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let storefront = shop.and_then(|shop| shop.storefront_url);
    ctx.one(&LinkView::of(found, storefront.as_deref()))
}

/// Change a link
///
/// JSON Merge Patch: null clears, absent keeps. The slug and the offer cannot be changed: make another link.
#[utoipa::path(tag = "links", operation_id = "updateCheckoutLink", params(LinkPath), request_body = LinkPatch,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "Changed.", body = LinkView)))]
#[patch("/v1/checkouts/{checkout_id}/checkout-links/{link_id}")]
pub async fn update_link(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<LinkPath>,
    body: Body<LinkPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.link_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::update(tx, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Read a link's offer as a buyer
#[utoipa::path(tag = "storefront", operation_id = "getPublicLink",
    params(("checkout" = Slug, Path, description = "The checkout's slug."), ("link" = Slug, Path, description = "The link's slug.")),
    extensions(("x-problems" = json!(["not-found", "link-inactive"]))),
    responses((status = 200, description = "The offer.", body = PublicLinkView), (status = 304, description = "Unchanged.")))]
#[get("/v1/storefront/checkouts/{checkout}/links/{link}")]
pub async fn get_public_link(ctx: Ctx<Public>, path: web::Path<(Slug, Slug)>) -> Result<HttpResponse, Problem> {
    let (checkout, link) = path.into_inner();
    let conn = ctx.db().read().await?;
    ctx.one(&public::show(&conn, &checkout, &link).await?)
}
