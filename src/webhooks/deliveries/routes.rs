//! Deliveries over HTTP.

use actix_web::{HttpResponse, get, post, web};
use futures_util::try_join;
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{DeliveryDetailView, DeliveryView, ReplayInput, ReplayView};
use super::{replay, retry, store};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{WebhooksRead, WebhooksWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, DeliveryId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::webhooks::endpoints;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct EndpointPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The endpoint.
    endpoint_id: WebhookEndpointId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct DeliveryPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The endpoint.
    endpoint_id: WebhookEndpointId,
    /// The delivery.
    delivery_id: DeliveryId,
}

/// List deliveries to an endpoint
///
/// Each is kept while it is pending and for 30 days after it ended. The events themselves stay: what is no longer listed can be
/// delivered again by a replay.
#[utoipa::path(tag = "webhooks", operation_id = "listWebhookDeliveries", params(EndpointPath, ListQuery),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "A page of deliveries, newest first.", body = List<DeliveryView>)))]
#[get("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/deliveries")]
pub async fn list_deliveries(ctx: Ctx<WebhooksRead>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (endpoint, page) = try_join!(
        endpoints::store::find(&conn, checkout, path.endpoint_id),
        store::page(&conn, checkout, path.endpoint_id, &page)
    )?;
    if endpoint.is_none() {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    ctx.page(&ctx.list(page, DeliveryView::from))
}

/// Read a delivery
///
/// With its attempts and the beginning of what was answered.
#[utoipa::path(tag = "webhooks", operation_id = "getWebhookDelivery", params(DeliveryPath),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "The delivery.", body = DeliveryDetailView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}")]
pub async fn get_delivery(ctx: Ctx<WebhooksRead>, path: web::Path<DeliveryPath>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (endpoint, delivery, attempts) = try_join!(
        endpoints::store::find(&conn, checkout, path.endpoint_id),
        store::find(&conn, checkout, path.endpoint_id, path.delivery_id),
        store::attempts(&conn, checkout, path.delivery_id)
    )?;
    let delivery = endpoint
        .and(delivery)
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&DeliveryDetailView::of(delivery, attempts))
}

/// Deliver an event again
///
/// A delivery that ended is queued anew, with a schedule of its own and under the same event id. One that is pending is due at once,
/// as soon as no earlier event of its object is open.
#[utoipa::path(tag = "webhooks", operation_id = "retryWebhookDelivery", params(DeliveryPath),
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 202, description = "Queued.", body = DeliveryView)))]
#[post("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/retry")]
pub async fn retry_delivery(ctx: Ctx<WebhooksWrite>, path: web::Path<DeliveryPath>) -> Result<HttpResponse, Problem> {
    let (checkout, endpoint, delivery) = (ctx.scope().checkout, path.endpoint_id, path.delivery_id);
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = retry::retry(tx, checkout, endpoint, delivery).await?;
        Ok(Written::changed(&DeliveryView::from(before), DeliveryView::from(after)).accepted())
    })
    .await
}

/// Deliver many events again
///
/// Of all that the endpoint listens to, or of what the filters leave: events that were never delivered to it as well, for an endpoint
/// that is new. They come in the order of the log, per object, and are seen among the deliveries. What is pending already stays as it
/// is, and the same request, made again before it is done, queues nothing twice. `only_failed` finds what is still listed: deliveries are
/// kept for 30 days after they ended.
#[utoipa::path(tag = "webhooks", operation_id = "replayWebhookEvents", params(EndpointPath), request_body = ReplayInput,
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 202, description = "Queued.", body = ReplayView)))]
#[post("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/replay")]
pub async fn replay_events(
    ctx: Ctx<WebhooksWrite>,
    path: web::Path<EndpointPath>,
    body: Body<ReplayInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, endpoint) = (ctx.scope().checkout, path.endpoint_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let queued = replay::replay(tx, checkout, endpoint, input).await?;
        Ok(Written::ok(queued).of_object(endpoint).accepted())
    })
    .await
}
