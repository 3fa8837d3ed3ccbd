//! Variants over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{VariantInput, VariantPatch, VariantView};
use super::{add, change, store};
use crate::catalog::listing::StatusQuery;
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, ProductId, VariantId};
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct VariantPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The product.
    product_id: ProductId,
    /// The variant.
    variant_id: VariantId,
}

/// Add a variant
#[utoipa::path(tag = "products", operation_id = "createVariant", params(ProductPath), request_body = VariantInput,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 201, description = "Made.", body = VariantView, headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")))))]
#[post("/v1/checkouts/{checkout_id}/products/{product_id}/variants")]
pub async fn create_variant(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<ProductPath>,
    body: Body<VariantInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, product) = (ctx.scope().checkout, path.product_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = add::add(tx, checkout, product, input).await?;
        let location = format!(
            "/v1/checkouts/{checkout}/products/{product}/variants/{}",
            made.variant.id
        );
        Ok(Written::created(VariantView::from(made), location))
    })
    .await
}

/// List variants
///
/// Those in use, or those put away; newest first. The product itself has all of them in the order buyers see.
#[utoipa::path(tag = "products", operation_id = "listVariants", params(ProductPath, StatusQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of variants.", body = List<VariantView>)))]
#[get("/v1/checkouts/{checkout_id}/products/{product_id}/variants")]
pub async fn list_variants(ctx: Ctx<CatalogRead>, path: web::Path<ProductPath>) -> Result<HttpResponse, Problem> {
    let asked: StatusQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let (checkout, product) = (ctx.scope().checkout, path.product_id);
    let conn = ctx.db().read().await?;
    let (exists, page) = futures_util::try_join!(
        store::product_exists(&conn, checkout, product),
        store::page(&conn, checkout, product, asked.status(), &page)
    )?;
    if !exists {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    ctx.page(&ctx.list(page, VariantView::from))
}

/// Change a variant
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged. `status` archives a variant and takes it back; the last one in use stays.
#[utoipa::path(tag = "products", operation_id = "updateVariant", params(VariantPath), request_body = VariantPatch,
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["last-variant"]))),
    responses((status = 200, description = "Changed.", body = VariantView)))]
#[patch("/v1/checkouts/{checkout_id}/products/{product_id}/variants/{variant_id}")]
pub async fn update_variant(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<VariantPath>,
    body: Body<VariantPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, product, id) = (ctx.scope().checkout, path.product_id, path.variant_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::change(tx, checkout, product, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Archive a variant
///
/// It is no longer sold, and stays for orders. The last one in use cannot be archived.
#[utoipa::path(tag = "products", operation_id = "archiveVariant", params(VariantPath),
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["last-variant"]))),
    responses((status = 204, description = "Archived.")))]
#[delete("/v1/checkouts/{checkout_id}/products/{product_id}/variants/{variant_id}")]
pub async fn archive_variant(ctx: Ctx<CatalogWrite>, path: web::Path<VariantPath>) -> Result<HttpResponse, Problem> {
    let (checkout, product, id) = (ctx.scope().checkout, path.product_id, path.variant_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let patch = VariantPatch {
            status: Some(CatalogStatus::Archived),
            ..VariantPatch::default()
        };
        let (before, _) = change::change(tx, checkout, product, id, if_match.as_deref(), patch).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Restore a variant
///
/// Takes an archived variant back into use.
#[utoipa::path(tag = "products", operation_id = "restoreVariant", params(VariantPath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "In use again.", body = VariantView)))]
#[post("/v1/checkouts/{checkout_id}/products/{product_id}/variants/{variant_id}/restore")]
pub async fn restore_variant(ctx: Ctx<CatalogWrite>, path: web::Path<VariantPath>) -> Result<HttpResponse, Problem> {
    let (checkout, product, id) = (ctx.scope().checkout, path.product_id, path.variant_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let patch = VariantPatch {
            status: Some(CatalogStatus::Active),
            ..VariantPatch::default()
        };
        let (before, after) = change::change(tx, checkout, product, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
