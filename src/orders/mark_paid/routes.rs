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
/// For bank transfers, and for money that was seen elsewhere than at its provider: that becomes an `offline` payment of its own, and
/// the provider's attempt is closed once the order is paid; should it be paid all the same, it is a second payment.
///
/// The amount that was asked for makes the order paid. Another amount is kept apart and raised as `amount_mismatch`. Then either more
/// comes: mark the payment again with that, and once the sum is what was asked for, the order is paid. Or it is taken as it is: mark
/// the payment again with exactly what is kept (with no `reference`, or the same one), and the order is paid; what is missing of its
/// total is let go and cannot be refunded; what goes beyond the total stays apart, to be given back by a refund of the payment. What
/// was let go and comes after all is taken in. All other money for an order that is paid is raised as `double_payment`.
///
/// `reference` tells two transfers of the same amount apart. Without it (and without another `paid_at`), the amount of money that is
/// known already is that money said again: 409 when the order has it.
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
