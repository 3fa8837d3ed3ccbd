//! Orders over HTTP, for staff.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::store;
use super::views::{OrderListItemView, OrderView};
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::OrdersRead;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::orders) struct OrderPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The order.
    pub(in crate::orders) order_id: OrderId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OrdersQuery {
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
    /// Live orders (false, the default) or test orders.
    test_mode: Option<bool>,
}

/// List orders
#[utoipa::path(tag = "orders", operation_id = "listOrders", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), OrdersQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "A page of orders, newest first.", body = List<OrderListItemView>)))]
#[get("/v1/checkouts/{checkout_id}/orders")]
pub async fn list_orders(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: OrdersQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, asked.test_mode.unwrap_or(false), &page).await?;
    ctx.page(&ctx.list(page, OrderListItemView::from))
}

/// Read an order
#[utoipa::path(tag = "orders", operation_id = "getOrder", params(OrderPath),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "The order.", body = OrderView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/orders/{order_id}")]
pub async fn get_order(ctx: Ctx<OrdersRead>, path: web::Path<OrderPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = store::detail(&conn, ctx.scope().checkout, path.order_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&OrderView::from(found))
}
