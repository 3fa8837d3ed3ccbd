//! Redemptions and live holds over HTTP.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::ListedUse;
use super::store;
use super::views::{HoldView, RedemptionView};
use crate::discounts::codes::store as codes;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::CatalogRead;
use crate::kernel::ids::{CheckoutId, DiscountCodeId};
use crate::kernel::page::Page;
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

/// What lists of uses take.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UsesQuery {
    /// Test mode instead of live.
    #[param(example = false)]
    test_mode: Option<bool>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
}

async fn page(ctx: &Ctx<CatalogRead>, id: DiscountCodeId, redeemed: bool) -> Result<Page<ListedUse>, Problem> {
    let asked: UsesQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let (checkout, offset) = (ctx.scope().checkout, ctx.db().clock().offset_ms());
    let known = codes::find(&conn, offset, checkout, id, false).await?;
    known.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let test_mode = asked.test_mode.unwrap_or(false);
    Ok(store::page(&conn, offset, checkout, id, redeemed, test_mode, &page).await?)
}

/// List the redemptions of a code
#[utoipa::path(tag = "discount codes", operation_id = "listDiscountRedemptions", params(CodePath, UsesQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of redemptions, newest first.", body = List<RedemptionView>)))]
#[get("/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}/redemptions")]
pub async fn list_redemptions(ctx: Ctx<CatalogRead>, path: web::Path<CodePath>) -> Result<HttpResponse, Problem> {
    let page = page(&ctx, path.discount_code_id, true).await?;
    ctx.page(&ctx.list(page, RedemptionView::from))
}

/// List the live holds of a code
#[utoipa::path(tag = "discount codes", operation_id = "listDiscountHolds", params(CodePath, UsesQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of holds, newest first.", body = List<HoldView>)))]
#[get("/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}/holds")]
pub async fn list_holds(ctx: Ctx<CatalogRead>, path: web::Path<CodePath>) -> Result<HttpResponse, Problem> {
    let page = page(&ctx, path.discount_code_id, false).await?;
    ctx.page(&ctx.list(page, HoldView::from))
}
