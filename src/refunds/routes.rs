//! Refunds and what belongs to them over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::complete::complete;
use super::request::request;
use super::send::shown;
use super::unallocated::request_of_payment;
use super::views::{CompleteInput, CompletedOrderView, OrderRefundsView, PaymentRefundInput, RefundInput};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::part::Part;
use crate::http::policy::{OrdersRead, OrdersWrite};
use crate::http::short_list::ShortListQuery;
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::cancel::views::OrderBefore;
use crate::orders::store as orders;
use crate::orders::views::OrderView;
use crate::payments::desk::Desk;
use crate::payments::refunds::model::RefundStatus;
use crate::payments::refunds::store as ledger;
use crate::payments::refunds::views::RefundView;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OrderPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The order.
    order_id: OrderId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PaymentPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The payment.
    payment_id: PaymentId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RefundsQuery {
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
    /// pending, succeeded, failed, unknown or recorded.
    #[param(example = "succeeded")]
    status: Option<String>,
    /// Live refunds (false, the default) or test refunds.
    test_mode: Option<bool>,
}

/// Refund an order
///
/// Line by line, in part or in full, as often as something is left. The provider is asked after the refund is written down, and the
/// answer shows how it stands then; one that is `pending` or `unknown` is followed up, and holds its amount meanwhile. Needs an
/// `Idempotency-Key`: a repeat shows the same refund as it stands.
#[utoipa::path(tag = "refunds", operation_id = "createRefund", params(OrderPath), request_body = RefundInput,
    extensions(("x-required-permission" = json!("orders:write")),
        ("x-problems" = json!(["idempotency-key-required", "order-not-paid", "refund-too-large"]))),
    responses((status = 201, description = "Written down, and asked for.", body = RefundView, headers(("Location" = String, description = "Where the refunds of its order are.")))))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/refunds")]
pub async fn create_refund(
    ctx: Ctx<OrdersWrite>,
    desk: Part<Desk>,
    path: web::Path<OrderPath>,
    body: Body<RefundInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, order) = (ctx.scope().checkout, path.order_id);
    let location = format!("/v1/checkouts/{checkout}/orders/{order}/refunds");
    let (input, fingerprint) = body.into_parts();
    ctx.write_and_call(
        fingerprint,
        async move |tx: &mut Tx| -> Result<_, Problem> {
            let written = request(tx, checkout, order, &input).await?;
            Ok(Written::created(RefundView::from(written), location.clone()))
        },
        async move |written: serde_json::Value, repeated: bool| {
            shown(&desk, checkout, &written, repeated).await.map(RefundView::from)
        },
    )
    .await
}

/// List the refunds of an order
#[utoipa::path(tag = "refunds", operation_id = "listOrderRefunds", params(OrderPath, ShortListQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "Its refunds.", body = OrderRefundsView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/orders/{order_id}/refunds")]
pub async fn list_order_refunds(ctx: Ctx<OrdersRead>, path: web::Path<OrderPath>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let found = orders::find(&conn, checkout, path.order_id).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let refunds = ledger::of_order(&conn, checkout, path.order_id).await?;
    let shown = ctx.shown(refunds)?;
    let page = OrderRefundsView {
        data: shown.data,
        has_more: shown.next_cursor.is_some(),
        next_cursor: shown.next_cursor,
    };
    ctx.one_page(&page, "cursor", page.next_cursor.as_deref())
}

/// List refunds
#[utoipa::path(tag = "refunds", operation_id = "listRefunds", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), RefundsQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "A page of refunds, newest first.", body = List<RefundView>)))]
#[get("/v1/checkouts/{checkout_id}/refunds")]
pub async fn list_refunds(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: RefundsQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let status: Option<RefundStatus> = (asked.status.as_deref().map(str::parse).transpose())
        .map_err(|error: String| Problem::invalid("?status", "invalid", error))?;
    let conn = ctx.db().read().await?;
    let (checkout, test_mode) = (ctx.scope().checkout, asked.test_mode.unwrap_or(false));
    let page = ledger::page(&conn, checkout, test_mode, status, &page).await?;
    ctx.page(&ctx.list(page, RefundView::from))
}

/// Refund money that belongs to no order
///
/// A second payment, a wrong amount, money for a deleted order: what of a payment is not allocated to its order goes back. No line, no
/// tax and no report moves. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "refunds", operation_id = "refundPayment", params(PaymentPath), request_body = PaymentRefundInput,
    extensions(("x-required-permission" = json!("orders:write")),
        ("x-problems" = json!(["idempotency-key-required", "nothing-unallocated", "refund-too-large"]))),
    responses((status = 201, description = "Written down, and asked for.", body = RefundView, headers(("Location" = String, description = "Where the refunds of its order are.")))))]
#[post("/v1/checkouts/{checkout_id}/payments/{payment_id}/refund")]
pub async fn refund_payment(
    ctx: Ctx<OrdersWrite>,
    desk: Part<Desk>,
    path: web::Path<PaymentPath>,
    body: Body<PaymentRefundInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, payment) = (ctx.scope().checkout, path.payment_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write_and_call(
        fingerprint,
        async move |tx: &mut Tx| -> Result<_, Problem> {
            let written = request_of_payment(tx, checkout, payment, &input).await?;
            let location = format!("/v1/checkouts/{checkout}/orders/{}/refunds", written.refund.order_id);
            Ok(Written::created(RefundView::from(written), location))
        },
        async move |written: serde_json::Value, repeated: bool| {
            shown(&desk, checkout, &written, repeated).await.map(RefundView::from)
        },
    )
    .await
}

/// Complete an order by hand
///
/// A paid, completed or refunded order becomes `completed`, whatever its actions did; failed ones stay listed. By default every action
/// runs again. Recorded refunds can be made void; money that a provider returned stays refunded and is listed.
#[utoipa::path(tag = "orders", operation_id = "completeOrder", params(OrderPath), request_body = CompleteInput,
    extensions(("x-required-permission" = json!("orders:write")), ("x-problems" = json!(["order-not-paid", "order-deleted"]))),
    responses((status = 200, description = "Completed.", body = CompletedOrderView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/complete")]
pub async fn complete_order(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<OrderPath>,
    body: Body<CompleteInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.order_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after, not_restored) = complete(tx, checkout, id, &input).await?;
        let (before, order) = (OrderBefore::from(&before), OrderView::from(after));
        Ok(Written::changed(&before, CompletedOrderView { order, not_restored }))
    })
    .await
}
