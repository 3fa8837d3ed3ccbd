//! Billing details and payment card over HTTP.

use actix_web::{HttpResponse, delete, get, put};

use super::views::{BillingDetailsInput, BillingDetailsView, PaymentCardInput, PaymentCardView};
use super::{billing, card, store};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::{BillingRead, BillingWrite};
use crate::http::write::Written;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Read the billing details
#[utoipa::path(tag = "organizations", operation_id = "getBillingDetails", params(("organization_id" = OrganizationId, Path, description = "The organization.")),
    extensions(("x-required-permission" = json!("billing:read"))),
    responses((status = 200, description = "The details; empty fields are missing.", body = BillingDetailsView), (status = 304, description = "Unchanged.")))]
#[get("/v1/organizations/{organization_id}/billing-details")]
pub async fn get_billing_details(ctx: Ctx<BillingRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    ctx.one(&BillingDetailsView::from(
        store::billing(&conn, ctx.scope().organization).await?,
    ))
}

/// Replace the billing details
///
/// Whole: what is left out is empty. The organization may sell when every field and a payment card are there.
#[utoipa::path(tag = "organizations", operation_id = "putBillingDetails", params(("organization_id" = OrganizationId, Path, description = "The organization.")), request_body = BillingDetailsInput,
    extensions(("x-required-permission" = json!("billing:write"))),
    responses((status = 200, description = "Replaced.", body = BillingDetailsView)))]
#[put("/v1/organizations/{organization_id}/billing-details")]
pub async fn put_billing_details(
    ctx: Ctx<BillingWrite>,
    body: Body<BillingDetailsInput>,
) -> Result<HttpResponse, Problem> {
    let organization = ctx.scope().organization;
    let if_match = ctx.request().if_match.clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = billing::put(tx, organization, if_match.as_deref(), input.clone()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Read the payment card
#[utoipa::path(tag = "organizations", operation_id = "getPaymentCard", params(("organization_id" = OrganizationId, Path, description = "The organization.")),
    extensions(("x-required-permission" = json!("billing:read"))),
    responses((status = 200, description = "The card.", body = PaymentCardView), (status = 304, description = "Unchanged.")))]
#[get("/v1/organizations/{organization_id}/payment-card")]
pub async fn get_payment_card(ctx: Ctx<BillingRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let card = store::card(&conn, ctx.scope().organization).await?;
    let card = card.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&PaymentCardView::from(card))
}

/// Put a payment card on file
///
/// In place of the one there, which its provider then forgets. The card number goes to the provider, never here. A repeat with the
/// same `Idempotency-Key`, or with the card that is on file, asks nothing of the provider.
#[utoipa::path(tag = "organizations", operation_id = "putPaymentCard", params(("organization_id" = OrganizationId, Path, description = "The organization.")), request_body = PaymentCardInput,
    extensions(("x-required-permission" = json!("billing:write"))),
    responses((status = 200, description = "On file.", body = PaymentCardView)))]
#[put("/v1/organizations/{organization_id}/payment-card")]
pub async fn put_payment_card(ctx: Ctx<BillingWrite>, body: Body<PaymentCardInput>) -> Result<HttpResponse, Problem> {
    let organization = ctx.scope().organization;
    let if_match = ctx.request().if_match.clone();
    let (input, fingerprint) = body.into_parts();
    if let Some(answer) = ctx.answered_before(fingerprint).await? {
        return Ok(answer);
    }
    let card = card::look_up(ctx.state(), organization, if_match.as_deref(), &input).await?;
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = card::put(tx, organization, if_match.as_deref(), &card).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Take the payment card off file
///
/// The organization's checkouts close: no new session, no new payment. Payments that have begun go on. The card's provider forgets
/// it; to put it on file again, enter it anew.
#[utoipa::path(tag = "organizations", operation_id = "deletePaymentCard", params(("organization_id" = OrganizationId, Path, description = "The organization.")),
    extensions(("x-required-permission" = json!("billing:write"))),
    responses((status = 204, description = "Gone.")))]
#[delete("/v1/organizations/{organization_id}/payment-card")]
pub async fn delete_payment_card(ctx: Ctx<BillingWrite>) -> Result<HttpResponse, Problem> {
    let organization = ctx.scope().organization;
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = card::remove(tx, organization, if_match.as_deref()).await?;
        Ok(Written::deleted(&was))
    })
    .await
}
