//! Payments over HTTP, whatever order they are of.

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::store;
use super::views::ListedPayment;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::OrdersRead;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PaymentQuery {
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
    /// Only those that have money which belongs to no order.
    #[param(default = false, example = true)]
    #[serde(default)]
    unallocated: bool,
    /// Those of test sales.
    #[param(default = false, example = false)]
    #[serde(default)]
    test_mode: bool,
}

/// List payments
///
/// Every attempt to pay, newest first. `unallocated=true` gives the money that fits no order: paid twice, in a wrong amount, or for an
/// order that is deleted.
#[utoipa::path(tag = "payments", operation_id = "listPayments", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), PaymentQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "A page of payments, newest first.", body = List<ListedPayment>)))]
#[get("/v1/checkouts/{checkout_id}/payments")]
pub async fn list_payments(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: PaymentQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, asked.test_mode, asked.unallocated, &page).await?;
    ctx.page(&ctx.list(page, ListedPayment::from))
}
