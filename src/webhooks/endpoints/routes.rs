//! Endpoints over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{EndpointInput, EndpointPatch, EndpointView, StatisticsView, TestView};
use super::{create, delete as removal, rotate, store, test_send, update};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{WebhooksRead, WebhooksWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::webhooks::queues::store::statistics;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct EndpointPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The endpoint.
    endpoint_id: WebhookEndpointId,
}

/// Create an endpoint
///
/// Its `secret` is in this answer and in no other. It hears what happens from now on; what happened before is had by a replay.
#[utoipa::path(tag = "webhooks", operation_id = "createWebhookEndpoint", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = EndpointInput,
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 201, description = "Made.", body = EndpointView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/checkouts/{checkout_id}/webhook-endpoints")]
pub async fn create_endpoint(ctx: Ctx<WebhooksWrite>, body: Body<EndpointInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let state = ctx.state().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (made, secret) = create::create(tx, &state.keys, &state.client, checkout, input).await?;
        let location = format!("/v1/checkouts/{checkout}/webhook-endpoints/{}", made.id);
        Ok(Written::created(EndpointView::with_secret(made, secret), location).with_secret())
    })
    .await
}

/// List endpoints
#[utoipa::path(tag = "webhooks", operation_id = "listWebhookEndpoints", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "A page of endpoints, newest first.", body = List<EndpointView>)))]
#[get("/v1/checkouts/{checkout_id}/webhook-endpoints")]
pub async fn list_endpoints(ctx: Ctx<WebhooksRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, &page).await?;
    ctx.page(&ctx.list(page, EndpointView::from))
}

/// Read an endpoint
#[utoipa::path(tag = "webhooks", operation_id = "getWebhookEndpoint", params(EndpointPath),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "The endpoint.", body = EndpointView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}")]
pub async fn get_endpoint(ctx: Ctx<WebhooksRead>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let found = store::find(&conn, ctx.scope().checkout, path.endpoint_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&EndpointView::from(found))
}

/// Read how an endpoint does
///
/// Apart from the endpoint, because it changes with every delivery.
#[utoipa::path(tag = "webhooks", operation_id = "getWebhookEndpointStatistics", params(EndpointPath),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "The statistics.", body = StatisticsView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/statistics")]
pub async fn get_statistics(ctx: Ctx<WebhooksRead>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (endpoint, found) = futures_util::try_join!(
        store::find(&conn, checkout, path.endpoint_id),
        statistics(&conn, checkout, path.endpoint_id)
    )?;
    let found = endpoint.and(found).ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&StatisticsView::from(found))
}

/// Change an endpoint
///
/// JSON Merge Patch. `active` false disables it: nothing is sent, and its events are kept. True enables it again, also after it was
/// disabled because it answered 410 or failed for five days: it gets all that happened since, in order, and what waits for its next
/// attempt comes at once. What was given up before stays so until it is replayed.
#[utoipa::path(tag = "webhooks", operation_id = "updateWebhookEndpoint", params(EndpointPath), request_body = EndpointPatch,
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 200, description = "Changed.", body = EndpointView)))]
#[patch("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}")]
pub async fn update_endpoint(
    ctx: Ctx<WebhooksWrite>,
    path: web::Path<EndpointPath>,
    body: Body<EndpointPatch>,
) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.endpoint_id);
    let (if_match, state) = (ctx.request().if_match.clone(), ctx.state().clone());
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::update(tx, &state.client, checkout, id, if_match.as_deref(), patch).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Delete an endpoint
///
/// What was not delivered to it stays undelivered; the events stay in the log.
#[utoipa::path(tag = "webhooks", operation_id = "deleteWebhookEndpoint", params(EndpointPath),
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 204, description = "Deleted.")))]
#[delete("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}")]
pub async fn delete_endpoint(ctx: Ctx<WebhooksWrite>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.endpoint_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let before = removal::delete(tx, checkout, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// Change an endpoint's secret
///
/// The new `secret` is in this answer and in no other. For 24 hours deliveries carry two signatures, one by each secret, so that
/// receivers can change over when it suits them. Changing it again within that time ends the validity of the oldest: after a leak
/// change it twice.
#[utoipa::path(tag = "webhooks", operation_id = "rotateWebhookSecret", params(EndpointPath),
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 200, description = "The endpoint with its new secret.", body = EndpointView)))]
#[post("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/rotate-secret")]
pub async fn rotate_secret(ctx: Ctx<WebhooksWrite>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.endpoint_id);
    let state = ctx.state().clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = rotate::rotate(tx, &state.keys, checkout, id).await?;
        Ok(Written::changed(&before, after).with_secret())
    })
    .await
}

/// Send a test to an endpoint
///
/// One signed request of the type `webhook_endpoint.test`, at once, also to an endpoint that is disabled; the answer says what came of
/// it within five seconds. It is in no log, has no `sequence`, and changes nothing.
#[utoipa::path(tag = "webhooks", operation_id = "testWebhookEndpoint", params(EndpointPath),
    extensions(("x-required-permission" = json!("webhooks:write"))),
    responses((status = 200, description = "What came of it.", body = TestView)))]
#[post("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/test")]
pub async fn test_endpoint(ctx: Ctx<WebhooksWrite>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.endpoint_id);
    if let Some(answer) = ctx.answered_before([0; 32]).await? {
        return Ok(answer);
    }
    let state = ctx.state().clone();
    let sent = test_send::test_send(ctx.db(), &state.client, &state.keys, checkout, id).await?;
    ctx.write([0; 32], async move |_: &mut Tx| -> Result<_, Problem> {
        Ok(Written::ok(sent.clone()).of_object(id))
    })
    .await
}
