//! Reports over HTTP.

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::Asked;
use super::store;
use super::views::SalesReportView;
use crate::checkouts;
use crate::http::ctx::Ctx;
use crate::http::list::query;
use crate::http::policy::ReportsRead;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// What a report is about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SalesQuery {
    /// day (the default), source, link, product, discount_code or country.
    #[param(example = "day")]
    group_by: Option<String>,
    /// The first day (UTC), or the time from which on. Without it the report is about the 30 days up to `to`.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// The last day (UTC), all of which is in the report, or the time before which. Today, when absent. 400 days after `from` at the most.
    #[param(example = "2026-11-30")]
    to: Option<String>,
    /// The currency; the checkout's default one when absent.
    #[param(example = "EUR")]
    currency: Option<String>,
    /// Live sales (false, the default) or test sales.
    test_mode: Option<bool>,
}

/// Report sales
///
/// What was paid in a period, and what went back in it, in one currency, put together by day or by what it came of. An order counts at
/// the time it was paid, a refund at the time it took effect, whichever period its order belongs to; days are UTC. A refund belongs to
/// the group of its order, by product to those of its lines. Source and link are the order's own: those of the first link of its basket.
/// All of it is of one moment, and `totals` are the sums of the groups.
#[utoipa::path(tag = "reports", operation_id = "reportSales", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), SalesQuery),
    extensions(("x-required-permission" = json!("reports:read"))),
    responses((status = 200, description = "The report.", body = SalesReportView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/reports/sales")]
pub async fn report_sales(ctx: Ctx<ReportsRead>) -> Result<HttpResponse, Problem> {
    let asked: SalesQuery = query(&ctx.request().query)?;
    let asked = Asked {
        group_by: asked.group_by,
        from: asked.from,
        to: asked.to,
        currency: asked.currency,
        test_mode: asked.test_mode,
    };
    let period = asked.period(ctx.db().clock().now())?;
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let shop = checkouts::store::find(&conn, checkout).await?;
    let shop = shop.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let currency = period.currency.unwrap_or(shop.default_currency);
    let groups = store::groups(&conn, checkout, &period, currency).await?;
    ctx.one(&SalesReportView::of(&period, currency, groups, store::MOST_GROUPS))
}
