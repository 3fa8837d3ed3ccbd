//! Licenses of orders over HTTP.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::DeliverInput;
use super::{deliver, resend};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::OrdersWrite;
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, LicenseId, LineId, OrderId};
use crate::kernel::problem::Problem;
use crate::licenses::views::LicenseView;
use crate::orders::views::OrderView;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LinePath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The order.
    order_id: OrderId,
    /// The line.
    order_line_id: LineId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LicensePath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The order.
    order_id: OrderId,
    /// The license.
    license_id: LicenseId,
}

/// Deliver a line by hand
///
/// For a line whose license waits for a person or for keys, or could not be issued. The licenses are mailed to the buyer.
#[utoipa::path(tag = "orders", operation_id = "deliverOrderLine", params(LinePath), request_body = DeliverInput,
    extensions(("x-required-permission" = json!("orders:write")),
        ("x-problems" = json!(["order-not-paid", "order-deleted", "nothing-to-deliver"]))),
    responses((status = 200, description = "Delivered, or on its way.", body = OrderView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/lines/{order_line_id}/deliver")]
pub async fn deliver_order_line(
    ctx: Ctx<OrdersWrite>,
    path: web::Path<LinePath>,
    body: Body<DeliverInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, order, line) = (ctx.scope().checkout, path.order_id, path.order_line_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = deliver::deliver(tx, checkout, order, line, &input).await?;
        Ok(Written::changed(&OrderView::from(before), OrderView::from(after)))
    })
    .await
}

/// Send a license again
///
/// Mails all licenses of its line, the same ones. After a refund of the order, or once it is revoked, it is not sent any more.
#[utoipa::path(tag = "orders", operation_id = "resendLicense", params(LicensePath),
    extensions(("x-required-permission" = json!("orders:write")),
        ("x-problems" = json!(["order-not-paid", "order-deleted", "license-not-sendable"]))),
    responses((status = 202, description = "Queued.", body = LicenseView)))]
#[post("/v1/checkouts/{checkout_id}/orders/{order_id}/licenses/{license_id}/resend")]
pub async fn resend_license(ctx: Ctx<OrdersWrite>, path: web::Path<LicensePath>) -> Result<HttpResponse, Problem> {
    let (checkout, order, license) = (ctx.scope().checkout, path.order_id, path.license_id);
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let sent = resend::resend(tx, checkout, order, license).await?;
        Ok(Written::ok(LicenseView::from(sent)).accepted().of_object(order))
    })
    .await
}
