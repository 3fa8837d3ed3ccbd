//! Links over HTTP, for staff. Making one is at [`crate::quotes::routes`], for its answer may have a quote.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{Address, LinkPatch, LinkView};
use super::{archive, store, update};
use crate::catalog::products::model::CatalogStatus;
use crate::checkouts;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LinkPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The link.
    link_id: LinkId,
}

/// Where a checkout's pages are, for the addresses of its links.
pub async fn storefront(tx: &Tx, checkout: CheckoutId) -> Result<Option<String>, Problem> {
    let shop = checkouts::store::find(tx.conn(), checkout).await?;
    Ok(shop.and_then(|shop| shop.storefront_url))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LinksQuery {
    /// Those in use (`active`, the default) or those put away (`archived`).
    #[param(example = "archived")]
    status: Option<CatalogStatus>,
    /// Live links (false, the default) or test links.
    test_mode: Option<bool>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
}

/// List links
///
/// Live links or test links, those in use or those put away; newest first.
#[utoipa::path(tag = "links", operation_id = "listCheckoutLinks", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), LinksQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of links.", body = List<LinkView>)))]
#[get("/v1/checkouts/{checkout_id}/checkout-links")]
pub async fn list_links(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: LinksQuery = query(&ctx.request().query)?;
    let which = (
        asked.status.unwrap_or(CatalogStatus::Active),
        asked.test_mode.unwrap_or(false),
    );
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (page, shop) = futures_util::try_join!(
        store::page(&conn, checkout, which, &page),
        checkouts::store::find(&conn, checkout)
    )?;
    let storefront = shop.and_then(|shop| shop.storefront_url);
    let address = Address {
        storefront: storefront.as_deref(),
        keys: &ctx.state().keys,
    };
    ctx.page(&ctx.list(page, |row| LinkView::of(row, &address)))
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
    let address = Address {
        storefront: storefront.as_deref(),
        keys: &ctx.state().keys,
    };
    ctx.one(&LinkView::of(found, &address))
}

/// Change a link
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged. The slug and the offer cannot be changed: make another link.
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
    let (if_match, state) = (ctx.request().if_match.clone(), ctx.state().clone());
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let storefront = storefront(tx, checkout).await?;
        let address = Address {
            storefront: storefront.as_deref(),
            keys: &state.keys,
        };
        let (before, after) = update::update(tx, checkout, id, if_match.as_deref(), &address, patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Archive a link
///
/// It is gone from lists and opens no session; it stays for orders and for a later return.
#[utoipa::path(tag = "links", operation_id = "archiveCheckoutLink", params(LinkPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 204, description = "Archived.")))]
#[delete("/v1/checkouts/{checkout_id}/checkout-links/{link_id}")]
pub async fn archive_link(ctx: Ctx<CatalogWrite>, path: web::Path<LinkPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.link_id);
    let (if_match, state) = (ctx.request().if_match.clone(), ctx.state().clone());
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let storefront = storefront(tx, checkout).await?;
        let address = Address {
            storefront: storefront.as_deref(),
            keys: &state.keys,
        };
        let status = CatalogStatus::Archived;
        let (before, _) = archive::set_status(tx, checkout, id, if_match.as_deref(), &address, status).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Restore a link
///
/// Takes an archived link back into use.
#[utoipa::path(tag = "links", operation_id = "restoreCheckoutLink", params(LinkPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "In use again.", body = LinkView)))]
#[post("/v1/checkouts/{checkout_id}/checkout-links/{link_id}/restore")]
pub async fn restore_link(ctx: Ctx<CatalogWrite>, path: web::Path<LinkPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.link_id);
    let (if_match, state) = (ctx.request().if_match.clone(), ctx.state().clone());
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let storefront = storefront(tx, checkout).await?;
        let address = Address {
            storefront: storefront.as_deref(),
            keys: &state.keys,
        };
        let status = CatalogStatus::Active;
        let (before, after) = archive::set_status(tx, checkout, id, if_match.as_deref(), &address, status).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
