//! Codes over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{BulkInput, BulkResults, DiscountCodeInput, DiscountCodePatch, DiscountCodeView};
use super::{archive, bulk, create, store, update};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, DiscountCodeId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CodePath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The code.
    discount_code_id: DiscountCodeId,
}

/// What the list of codes takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CodesQuery {
    /// `active` (when absent) or `archived`.
    #[param(inline, example = "archived")]
    status: Option<Status>,
    /// Count uses in test mode instead of live ones.
    #[param(example = false)]
    test_mode: Option<bool>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
}

/// What reading a code takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CodeQuery {
    /// Count uses in test mode instead of live ones.
    #[param(example = false)]
    test_mode: Option<bool>,
}

/// Whether codes are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// They are.
    Active,
    /// They were put away.
    Archived,
}

/// Create a discount code
#[utoipa::path(tag = "discount codes", operation_id = "createDiscountCode", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = DiscountCodeInput,
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["name-taken"]))),
    responses((status = 201, description = "Made.", body = DiscountCodeView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/checkouts/{checkout_id}/discount-codes")]
pub async fn create_code(ctx: Ctx<CatalogWrite>, body: Body<DiscountCodeInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::create(tx, checkout, input.clone()).await?;
        let location = format!("/v1/checkouts/{checkout}/discount-codes/{}", made.code.id);
        Ok(Written::created(DiscountCodeView::from(made), location))
    })
    .await
}

/// Create many discount codes
///
/// Up to a thousand at once. Those whose text is taken are left out, and the answer says which.
#[utoipa::path(tag = "discount codes", operation_id = "createDiscountCodes", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = BulkInput,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "What became of each.", body = BulkResults)))]
#[post("/v1/checkouts/{checkout_id}/discount-codes/bulk")]
pub async fn create_codes(ctx: Ctx<CatalogWrite>, body: Body<BulkInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        Ok(Written::ok(bulk::bulk(tx, checkout, input.clone()).await?))
    })
    .await
}

/// List discount codes
#[utoipa::path(tag = "discount codes", operation_id = "listDiscountCodes", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), CodesQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of codes, newest first.", body = List<DiscountCodeView>)))]
#[get("/v1/checkouts/{checkout_id}/discount-codes")]
pub async fn list_codes(ctx: Ctx<CatalogRead>) -> Result<HttpResponse, Problem> {
    let asked: CodesQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let (offset, archived) = (ctx.db().clock().offset_ms(), asked.status == Some(Status::Archived));
    let page = store::page(
        &conn,
        offset,
        ctx.scope().checkout,
        archived,
        asked.test_mode.unwrap_or(false),
        &page,
    )
    .await?;
    ctx.page(&ctx.list(page, DiscountCodeView::from))
}

/// Read a discount code
#[utoipa::path(tag = "discount codes", operation_id = "getDiscountCode", params(CodePath, CodeQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "The code.", body = DiscountCodeView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}")]
pub async fn get_code(ctx: Ctx<CatalogRead>, path: web::Path<CodePath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let offset = ctx.db().clock().offset_ms();
    let asked: CodeQuery = query(&ctx.request().query)?;
    let test_mode = asked.test_mode.unwrap_or(false);
    let found = store::find(&conn, offset, ctx.scope().checkout, path.discount_code_id, test_mode).await?;
    ctx.one(&DiscountCodeView::from(
        found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?,
    ))
}

/// Change a discount code
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged. What a redeemed code is worth cannot be changed; its texts, dates, limits and
/// `active` can.
#[utoipa::path(tag = "discount codes", operation_id = "updateDiscountCode", params(CodePath), request_body = DiscountCodePatch,
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["name-taken", "discount-redeemed"]))),
    responses((status = 200, description = "Changed.", body = DiscountCodeView)))]
#[patch("/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}")]
pub async fn update_code(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<CodePath>,
    body: Body<DiscountCodePatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.discount_code_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::update(tx, checkout, id, if_match.as_deref(), patch.clone()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Put a discount code away
///
/// Nobody can apply it any more, and its text is free for another.
#[utoipa::path(tag = "discount codes", operation_id = "archiveDiscountCode", params(CodePath),
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 204, description = "Put away.")))]
#[delete("/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}")]
pub async fn archive_code(ctx: Ctx<CatalogWrite>, path: web::Path<CodePath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.discount_code_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        Ok(Written::deleted(
            &archive::archive(tx, checkout, id, if_match.as_deref()).await?,
        ))
    })
    .await
}

/// Take a discount code back
#[utoipa::path(tag = "discount codes", operation_id = "restoreDiscountCode", params(CodePath),
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["name-taken"]))),
    responses((status = 200, description = "In use again.", body = DiscountCodeView)))]
#[post("/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}/restore")]
pub async fn restore_code(ctx: Ctx<CatalogWrite>, path: web::Path<CodePath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.discount_code_id);
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = archive::restore(tx, checkout, id).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
