//! Pages over HTTP.

use actix_web::{HttpResponse, get, put, web};

use super::form::BillingForm;
use super::style::Style;
use super::views::PublicCheckout;
use super::{put as replace, store};
use crate::checkouts::store as checkouts;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::{CheckoutRead, CheckoutWrite, Public};
use crate::http::write::Written;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Slug;

/// Read the style
#[utoipa::path(tag = "checkouts", operation_id = "getStyle", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")),
    extensions(("x-required-permission" = json!("checkout:read"))),
    responses((status = 200, description = "The look of the page.", body = Style), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/style")]
pub async fn get_style(ctx: Ctx<CheckoutRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    ctx.one(&Style::from_json(store::find(&conn, ctx.scope().checkout).await?.style))
}

/// Replace the style
///
/// Whole: a colour that is left out is for the page to choose.
#[utoipa::path(tag = "checkouts", operation_id = "putStyle", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = Style,
    extensions(("x-required-permission" = json!("checkout:write"))),
    responses((status = 200, description = "Replaced.", body = Style)))]
#[put("/v1/checkouts/{checkout_id}/style")]
pub async fn put_style(ctx: Ctx<CheckoutWrite>, body: Body<Style>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let if_match = ctx.request().if_match.clone();
    let (style, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = replace::style(tx, checkout, if_match.as_deref(), style.clone()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Read the billing form
#[utoipa::path(tag = "checkouts", operation_id = "getBillingForm", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")),
    extensions(("x-required-permission" = json!("checkout:read"))),
    responses((status = 200, description = "Every field, in the order of forms.", body = BillingForm), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/billing-form")]
pub async fn get_billing_form(ctx: Ctx<CheckoutRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    ctx.one(&BillingForm::from_json(
        store::find(&conn, ctx.scope().checkout).await?.billing_form,
    ))
}

/// Replace the billing form
///
/// Whole: a field that is left out is hidden. `email` and `country` are always required.
#[utoipa::path(tag = "checkouts", operation_id = "putBillingForm", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = BillingForm,
    extensions(("x-required-permission" = json!("checkout:write"))),
    responses((status = 200, description = "Replaced.", body = BillingForm)))]
#[put("/v1/checkouts/{checkout_id}/billing-form")]
pub async fn put_billing_form(ctx: Ctx<CheckoutWrite>, body: Body<BillingForm>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let if_match = ctx.request().if_match.clone();
    let (form, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = replace::form(tx, checkout, if_match.as_deref(), form.clone()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Read the public face of a checkout
///
/// All that a page needs before a buyer comes.
#[utoipa::path(tag = "storefront", operation_id = "getPublicCheckout", params(("checkout" = Slug, Path, description = "The checkout's slug.")),
    extensions(("x-problems" = json!(["not-found"]))),
    responses((status = 200, description = "The checkout.", body = PublicCheckout), (status = 304, description = "Unchanged.")))]
#[get("/v1/storefront/checkouts/{checkout}")]
pub async fn get_public_checkout(ctx: Ctx<Public>, path: web::Path<Slug>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let row = checkouts::find_by_slug(&conn, &path).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let page = store::find(&conn, row.id).await?;
    let (style, form) = (Style::from_json(page.style), BillingForm::from_json(page.billing_form));
    ctx.one(&PublicCheckout::of(row, style, form))
}
