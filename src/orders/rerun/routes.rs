//! Actions of orders over HTTP.

use actix_web::{HttpResponse, get, post, web};
use futures_util::try_join;
use serde::Deserialize;
use utoipa::IntoParams;

use super::again::rerun;
use super::views::{OrderActionsView, RerunInput};
use crate::actions::store as runs;
use crate::actions::views::ActionRunView;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::{OrdersRead, OrdersWrite};
use crate::http::short_list::ShortListQuery;
use crate::http::write::Written;
use crate::kernel::ids::{ActionId, CheckoutId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::routes::OrderPath;
use crate::orders::store as orders;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ActionPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The order.
    order_id: OrderId,
    /// The action of the order.
    order_action_id: ActionId,
}

/// List the actions of an order
#[utoipa::path(tag = "orders", operation_id = "listOrderActions", params(OrderPath, ShortListQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "Its actions.", body = OrderActionsView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/orders/{order_id}/actions")]
pub async fn list_order_actions(ctx: Ctx<OrdersRead>, path: web::Path<OrderPath>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let found = orders::find(&conn, checkout, path.order_id).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let (found, attempts) = try_join!(
        runs::of_order(&conn, checkout, path.order_id),
        runs::attempts_of_order(&conn, checkout, path.order_id)
    )?;
    let shown = ctx.shown(found)?;
    let page = OrderActionsView {
        data: shown.data,
        has_more: shown.next_cursor.is_some(),
        next_cursor: shown.next_cursor,
        attempts: attempts.into_iter().map(Into::into).collect(),
    };
    ctx.one_page(&page, "cursor", page.next_cursor.as_deref())
}

/// Run an action of an order again
///
/// Whatever state the order (once it was paid) and the action are in. One that has succeeded needs `confirm`, one that is running
/// needs `force`: use that only when its run is surely dead.
#[utoipa::path(tag = "orders", operation_id = "rerunOrderAction", params(ActionPath), request_body = RerunInput,
    extensions(("x-required-permission" = json!("orders:write")),
        ("x-problems" = json!(["order-not-paid", "order-deleted", "confirmation-required", "force-required"]))),
    responses((status = 202, description = "Queued.", body = ActionRunView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/actions/{order_action_id}/rerun")]
pub async fn rerun_order_action(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<ActionPath>,
    body: Body<RerunInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, order, run) = (ctx.scope().checkout, path.order_id, path.order_action_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = rerun(tx, checkout, order, run, &input).await?;
        Ok(
            Written::changed(&ActionRunView::from(before), ActionRunView::from(after))
                .accepted()
                .of_object(order),
        )
    })
    .await
}
