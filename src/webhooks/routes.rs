//! Endpoints and deliveries over HTTP.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{DeliveryView, EndpointInput, EndpointView};
use super::{create, store};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{WebhooksRead, WebhooksWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

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
/// Its `secret` is in this answer and in no other.
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
        let found = store::lock(tx, checkout, id).await?;
        let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
        let before = EndpointView::from(found);
        check_precondition(if_match.as_deref(), &before)?;
        store::delete(tx, checkout, id).await?;
        Ok(Written::deleted(&before))
    })
    .await
}

/// List deliveries to an endpoint
#[utoipa::path(tag = "webhooks", operation_id = "listWebhookDeliveries", params(EndpointPath, ListQuery),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "A page of deliveries, newest first.", body = List<DeliveryView>)))]
#[get("/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}/deliveries")]
pub async fn list_deliveries(ctx: Ctx<WebhooksRead>, path: web::Path<EndpointPath>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let (endpoint, page) = futures_util::try_join!(
        store::find(&conn, checkout, path.endpoint_id),
        store::deliveries(&conn, checkout, path.endpoint_id, &page)
    )?;
    if endpoint.is_none() {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    ctx.page(&ctx.list(page, DeliveryView::from))
}
