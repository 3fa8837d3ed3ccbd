//! Integrations over HTTP.

use actix_web::{HttpResponse, delete, get, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::Service;
use super::put::{self as change};
use super::store;
use super::views::{IntegrationInput, IntegrationView};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{PaymentMethodsRead, PaymentMethodsWrite};
use crate::http::write::Written;
use crate::kernel::ids::CheckoutId;
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct IntegrationPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The service: `systeme_io`, `active_campaign` or `mailchimp`.
    #[serde(rename = "type")]
    #[param(value_type = String, example = "mailchimp")]
    service: String,
}

impl IntegrationPath {
    fn service(&self) -> Result<Service, Problem> {
        self.service.parse().map_err(|_| Problem::new(ProblemCode::NotFound))
    }
}

/// List integrations
///
/// The accounts that actions work with. Keys are not shown again.
#[utoipa::path(tag = "actions", operation_id = "listIntegrations", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("payment_methods:read"))),
    responses((status = 200, description = "All of them, on one page.", body = List<IntegrationView>)))]
#[get("/v1/checkouts/{checkout_id}/integrations")]
pub async fn list_integrations(ctx: Ctx<PaymentMethodsRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    // There is one for each service at the most: what comes after the first page is nothing.
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let mut rows = store::all(&conn, ctx.scope().checkout).await?;
    if page.after.is_some() {
        rows.clear();
    }
    let page = Page { rows, next: None };
    ctx.page(&ctx.list(page, IntegrationView::from))
}

/// Set up an integration
///
/// Written whole; a key that is left out stays.
#[utoipa::path(tag = "actions", operation_id = "putIntegration", params(IntegrationPath), request_body = IntegrationInput,
    extensions(("x-required-permission" = json!("payment_methods:write"))),
    responses((status = 200, description = "Set up.", body = IntegrationView)))]
#[put("/v1/checkouts/{checkout_id}/integrations/{type}")]
pub async fn put_integration(
    ctx: Ctx<PaymentMethodsWrite>,
    path: web::Path<IntegrationPath>,
    body: Body<IntegrationInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, service) = (ctx.scope().checkout, path.service()?);
    let if_match = ctx.request().if_match.clone();
    let state = ctx.state().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::put(tx, &state, checkout, service, if_match.as_deref(), input).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Forget an integration
///
/// Actions that need it fail until it is set up again.
#[utoipa::path(tag = "actions", operation_id = "deleteIntegration", params(IntegrationPath),
    extensions(("x-required-permission" = json!("payment_methods:write"))),
    responses((status = 204, description = "Forgotten.")))]
#[delete("/v1/checkouts/{checkout_id}/integrations/{type}")]
pub async fn delete_integration(
    ctx: Ctx<PaymentMethodsWrite>,
    path: web::Path<IntegrationPath>,
) -> Result<HttpResponse, Problem> {
    let (checkout, service) = (ctx.scope().checkout, path.service()?);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let before = change::delete(tx, checkout, service, if_match.as_deref()).await?;
        Ok(Written::deleted(&before))
    })
    .await
}
