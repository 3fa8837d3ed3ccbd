//! Marking payments as paid over HTTP.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::mark::mark;
use super::views::MarkPaidInput;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::OrdersWrite;
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};
use crate::kernel::problem::Problem;
use crate::orders::views::OrderView;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PaymentPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The order.
    order_id: OrderId,
    /// The attempt to pay it.
    payment_id: PaymentId,
}

/// Mark a payment as paid
///
/// For bank transfers, and for money that was seen elsewhere than at its provider. The amount that was asked for makes the order paid.
/// Another amount is kept apart and raised as `amount_mismatch`; marked again with what was kept, it is taken as it is and the order is
/// paid; what goes beyond the total stays apart, to be given back by a refund of the payment.
#[utoipa::path(tag = "orders", operation_id = "markPaid", params(PaymentPath), request_body = MarkPaidInput,
    extensions(("x-required-permission" = json!("orders:write")), ("x-problems" = json!(["impossible-transition"]))),
    responses((status = 200, description = "The order as it stands.", body = OrderView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/payments/{payment_id}/mark-paid")]
pub async fn mark_paid(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<PaymentPath>,
    body: Body<MarkPaidInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, ids) = (ctx.scope().checkout, (path.order_id, path.payment_id));
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, order) = mark(tx, checkout, ids, &input).await?;
        Ok(Written::changed(&before, OrderView::from(order)).of_object(ids.1))
    })
    .await
}
