//! Cancelling orders over HTTP.

use actix_web::{HttpResponse, post, web};

use super::delete::cancel;
use super::views::CancelInput;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::OrdersWrite;
use crate::http::write::Written;
use crate::kernel::problem::Problem;
use crate::orders::routes::OrderPath;
use crate::orders::views::OrderView;

/// Cancel an order
///
/// Only an order that is not paid. It becomes `deleted`: the number and the amounts stay, and what says who the buyer was goes, from the
/// order, its session and its revisions. The open attempt to pay is closed, the discount code and the link's place are free again.
/// Money that comes all the same is kept and raised, never lost.
#[utoipa::path(tag = "orders", operation_id = "cancelOrder", params(OrderPath), request_body = CancelInput,
    extensions(("x-required-permission" = json!("orders:write")), ("x-problems" = json!(["order-paid", "order-deleted"]))),
    responses((status = 200, description = "Cancelled.", body = OrderView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/cancel")]
pub async fn cancel_order(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<OrderPath>,
    body: Body<CancelInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, order) = (ctx.scope().checkout, path.order_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, deleted) = cancel(tx, checkout, order, &input.reason).await?;
        Ok(Written::changed(&before, OrderView::from(deleted)))
    })
    .await
}
