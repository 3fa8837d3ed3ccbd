//! Orders that somebody should look at, over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::acknowledge::acknowledge;
use super::store;
use super::views::{AcknowledgeInput, AttentionCountView};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::query;
use crate::http::policy::{OrdersRead, OrdersWrite};
use crate::http::write::Written;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::orders::routes::OrderPath;
use crate::orders::views::OrderView;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CountQuery {
    /// Live orders (false, the default) or test orders.
    test_mode: Option<bool>,
}

/// Count the orders that require attention
///
/// Orders with a reason that nobody has acknowledged: the number beside a tab. `requires_attention=true` lists them.
#[utoipa::path(tag = "orders", operation_id = "countOrdersRequiringAttention",
    params(("checkout_id" = CheckoutId, Path, description = "The checkout."), CountQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "How many.", body = AttentionCountView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/orders/requires-attention/count")]
pub async fn count_orders_requiring_attention(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: CountQuery = query(&ctx.request().query)?;
    let conn = ctx.db().read().await?;
    let count = store::count(&conn, ctx.scope().checkout, asked.test_mode.unwrap_or(false)).await?;
    ctx.one(&AttentionCountView { count })
}

/// Acknowledge a reason for attention
///
/// For reasons that do not end by themselves: somebody has seen to it, and says how. The reason stays on the order and is no longer
/// counted. If it comes again, it is raised again.
#[utoipa::path(tag = "orders", operation_id = "acknowledgeAttention", params(OrderPath), request_body = AcknowledgeInput,
    extensions(("x-required-permission" = json!("orders:write")), ("x-problems" = json!(["attention-not-raised", "attention-ends-itself"]))),
    responses((status = 200, description = "Acknowledged.", body = OrderView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/attention/acknowledge")]
pub async fn acknowledge_attention(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<OrderPath>,
    body: Body<AcknowledgeInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, order) = (ctx.scope().checkout, path.order_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, seen) = acknowledge(tx, checkout, order, &input).await?;
        Ok(Written::changed(&before, OrderView::from(seen)))
    })
    .await
}
