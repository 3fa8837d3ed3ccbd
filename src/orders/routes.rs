//! Orders over HTTP, for staff.

use actix_web::{HttpResponse, get, patch, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::annotate::annotate;
use super::store;
use super::views::{OrderPatch, OrderView};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::{OrdersRead, OrdersWrite};
use crate::http::write::Written;
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

/// Change an order's note and metadata
///
/// What staff keep on it for themselves; nothing that was agreed on can be changed.
#[utoipa::path(tag = "orders", operation_id = "updateOrder", params(OrderPath), request_body = OrderPatch,
    extensions(("x-required-permission" = json!("orders:write")), ("x-problems" = json!(["order-deleted"]))),
    responses((status = 200, description = "Changed.", body = OrderView)))]
#[patch("/v1/checkouts/{checkout_id}/orders/{order_id}")]
pub async fn update_order(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<OrderPath>,
    body: Body<OrderPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, order) = (ctx.scope().checkout, path.order_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = annotate(tx, checkout, order, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}
