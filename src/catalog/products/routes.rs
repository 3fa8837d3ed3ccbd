//! Products over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::CatalogStatus;
use super::views::{ProductInput, ProductPatch, ProductView};
use super::{archive, create, store, update};
use crate::catalog::listing::StatusQuery;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ProductPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The product.
    product_id: ProductId,
}

/// Create a product
#[utoipa::path(tag = "products", operation_id = "createProduct", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = ProductInput,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 201, description = "Made.", body = ProductView, headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")))))]
#[post("/v1/checkouts/{checkout_id}/products")]
pub async fn create_product(ctx: Ctx<CatalogWrite>, body: Body<ProductInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::create(tx, checkout, input).await?;
        let location = format!("/v1/checkouts/{checkout}/products/{}", made.product.id);
        Ok(Written::created(ProductView::from(made), location))
    })
    .await
}

/// List products
///
/// Those in use, or those put away; newest first.
#[utoipa::path(tag = "products", operation_id = "listProducts", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), StatusQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of products.", body = List<ProductView>)))]
#[get("/v1/checkouts/{checkout_id}/products")]
pub async fn list_products(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: StatusQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, asked.status(), &page).await?;
    ctx.page(&ctx.list(page, ProductView::from))
}

/// Read a product
#[utoipa::path(tag = "products", operation_id = "getProduct", params(ProductPath),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The product.", body = ProductView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/products/{product_id}")]
pub async fn get_product(ctx: Ctx<CatalogRead>, path: web::Path<ProductPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = store::find(&conn, ctx.scope().checkout, path.product_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&ProductView::from(found))
}

/// Change a product
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged.
#[utoipa::path(tag = "products", operation_id = "updateProduct", params(ProductPath), request_body = ProductPatch,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "Changed.", body = ProductView)))]
#[patch("/v1/checkouts/{checkout_id}/products/{product_id}")]
pub async fn update_product(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<ProductPath>,
    body: Body<ProductPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.product_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::update(tx, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Archive a product
///
/// It is gone from lists and from what offers sell, and stays for orders and for a later return.
#[utoipa::path(tag = "products", operation_id = "archiveProduct", params(ProductPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 204, description = "Archived.")))]
#[delete("/v1/checkouts/{checkout_id}/products/{product_id}")]
pub async fn archive_product(ctx: Ctx<CatalogWrite>, path: web::Path<ProductPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.product_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let (before, _) = archive::set_status(tx, checkout, id, if_match.as_deref(), CatalogStatus::Archived).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Restore a product
///
/// Takes an archived product back into use.
#[utoipa::path(tag = "products", operation_id = "restoreProduct", params(ProductPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "In use again.", body = ProductView)))]
#[post("/v1/checkouts/{checkout_id}/products/{product_id}/restore")]
pub async fn restore_product(ctx: Ctx<CatalogWrite>, path: web::Path<ProductPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.product_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = archive::set_status(tx, checkout, id, if_match.as_deref(), CatalogStatus::Active).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
