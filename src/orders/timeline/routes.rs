//! Timelines over HTTP.

use actix_web::{HttpResponse, get, web};

use super::store;
use super::views::TimelineView;
use crate::http::ctx::Ctx;
use crate::http::policy::OrdersRead;
use crate::http::short_list::ShortListQuery;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::routes::OrderPath;
use crate::orders::store as orders;

/// Read what happened to an order
///
/// Facts, attempts to pay, actions that ended, mails and what staff did, oldest first.
#[utoipa::path(tag = "orders", operation_id = "getOrderTimeline", params(OrderPath, ShortListQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "What happened.", body = TimelineView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/orders/{order_id}/timeline")]
pub async fn get_order_timeline(ctx: Ctx<OrdersRead>, path: web::Path<OrderPath>) -> Result<HttpResponse, Problem> {
    let scope = ctx.scope();
    let conn = ctx.db().read().await?;
    let found = orders::find(&conn, scope.checkout, path.order_id).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let happened = store::of_order(&conn, scope.checkout, scope.organization, path.order_id).await?;
    let shown = ctx.shown(happened)?;
    let page = TimelineView {
        data: shown.data,
        has_more: shown.next_cursor.is_some(),
        next_cursor: shown.next_cursor,
    };
    ctx.one_page(&page, "cursor", page.next_cursor.as_deref())
}
