//! Keys over HTTP: those of an organization, and those of one checkout.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{ApiKeyInput, ApiKeyView};
use super::{create, revoke, store};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{KeysRead, KeysWrite, OrganizationKeysRead, OrganizationKeysWrite};
use crate::http::write::Written;
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId};
use crate::kernel::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OrganizationKeyPath {
    /// The organization.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    organization_id: OrganizationId,
    /// The key.
    api_key_id: ApiKeyId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CheckoutKeyPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The key.
    api_key_id: ApiKeyId,
}

/// Create a key of the organization
///
/// The key itself is in this answer and in no other. It cannot do more than who makes it,
/// nor, made by a key, last longer. Tokens that a key was exchanged for make none.
#[utoipa::path(tag = "api keys", operation_id = "createOrganizationApiKey", params(("organization_id" = OrganizationId, Path, description = "The organization.")), request_body = ApiKeyInput,
    extensions(("x-required-permission" = json!("organization_keys:write"))),
    responses((status = 201, description = "Made.", body = ApiKeyView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/organizations/{organization_id}/api-keys")]
pub async fn create_organization_key(
    ctx: Ctx<OrganizationKeysWrite>,
    body: Body<ApiKeyInput>,
) -> Result<HttpResponse, Problem> {
    let scope = ctx.scope().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (made, text) = create::of_organization(tx, &scope, input.clone()).await?;
        let location = format!("/v1/organizations/{}/api-keys/{}", scope.organization, made.key.id);
        Ok(Written::created(ApiKeyView::with_key(made, text), location).with_secret())
    })
    .await
}

/// List the keys of the organization
///
/// Those of its checkouts included.
#[utoipa::path(tag = "api keys", operation_id = "listOrganizationApiKeys", params(("organization_id" = OrganizationId, Path, description = "The organization."), ListQuery),
    extensions(("x-required-permission" = json!("organization_keys:read"))),
    responses((status = 200, description = "A page of keys, newest first.", body = List<ApiKeyView>)))]
#[get("/v1/organizations/{organization_id}/api-keys")]
pub async fn list_organization_keys(ctx: Ctx<OrganizationKeysRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().organization, None, &page).await?;
    ctx.page(&ctx.list(page, ApiKeyView::from))
}

/// Revoke a key of the organization
///
/// It opens nothing from its next use on, nor do the keys that were made with it. A key with the role of an owner takes
/// `owners:write`.
#[utoipa::path(tag = "api keys", operation_id = "revokeOrganizationApiKey", params(OrganizationKeyPath),
    extensions(("x-required-permission" = json!("organization_keys:write"))),
    responses((status = 204, description = "Revoked.")))]
#[delete("/v1/organizations/{organization_id}/api-keys/{api_key_id}")]
pub async fn revoke_organization_key(
    ctx: Ctx<OrganizationKeysWrite>,
    path: web::Path<OrganizationKeyPath>,
) -> Result<HttpResponse, Problem> {
    let (scope, id) = (ctx.scope().clone(), path.api_key_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = revoke::revoke(tx, scope.organization, None, scope.permissions, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&ApiKeyView::from(was)))
    })
    .await
}

/// Create a key of the checkout
///
/// The key itself is in this answer and in no other. It cannot do more than who makes it,
/// nor, made by a key, last longer. Tokens that a key was exchanged for make none.
#[utoipa::path(tag = "api keys", operation_id = "createCheckoutApiKey", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = ApiKeyInput,
    extensions(("x-required-permission" = json!("api_keys:write"))),
    responses((status = 201, description = "Made.", body = ApiKeyView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/checkouts/{checkout_id}/api-keys")]
pub async fn create_checkout_key(ctx: Ctx<KeysWrite>, body: Body<ApiKeyInput>) -> Result<HttpResponse, Problem> {
    let scope = ctx.scope().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (made, text) = create::of_checkout(tx, &scope, input.clone()).await?;
        let location = format!("/v1/checkouts/{}/api-keys/{}", scope.checkout, made.key.id);
        Ok(Written::created(ApiKeyView::with_key(made, text), location).with_secret())
    })
    .await
}

/// List the keys of the checkout
#[utoipa::path(tag = "api keys", operation_id = "listCheckoutApiKeys", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("api_keys:read"))),
    responses((status = 200, description = "A page of keys, newest first.", body = List<ApiKeyView>)))]
#[get("/v1/checkouts/{checkout_id}/api-keys")]
pub async fn list_checkout_keys(ctx: Ctx<KeysRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let scope = ctx.scope();
    let page = store::page(&conn, scope.organization, Some(scope.checkout), &page).await?;
    ctx.page(&ctx.list(page, ApiKeyView::from))
}

/// Revoke a key of the checkout
///
/// It opens nothing from its next use on, nor do the keys that were made with it.
#[utoipa::path(tag = "api keys", operation_id = "revokeCheckoutApiKey", params(CheckoutKeyPath),
    extensions(("x-required-permission" = json!("api_keys:write"))),
    responses((status = 204, description = "Revoked.")))]
#[delete("/v1/checkouts/{checkout_id}/api-keys/{api_key_id}")]
pub async fn revoke_checkout_key(
    ctx: Ctx<KeysWrite>,
    path: web::Path<CheckoutKeyPath>,
) -> Result<HttpResponse, Problem> {
    let (scope, id) = (ctx.scope().clone(), path.api_key_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let (checkout, permissions) = (Some(scope.checkout), scope.permissions);
        let was = revoke::revoke(tx, scope.organization, checkout, permissions, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&ApiKeyView::from(was)))
    })
    .await
}
