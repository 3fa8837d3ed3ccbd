//! Checkouts over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post};

use super::views::{CheckoutInput, CheckoutPatch, CheckoutView};
use super::{create, delete as put_away, store, update};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::policy::{CheckoutClose, CheckoutRead, CheckoutWrite, SignedIn};
use crate::http::write::Written;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Create a checkout
///
/// Takes `checkouts:create` in the organization. It is open at once, and sells live as soon as the organization may. An
/// organization has at most 1000.
#[utoipa::path(tag = "checkouts", operation_id = "createCheckout", request_body = CheckoutInput,
    extensions(("x-required-permission" = json!("signed_in")), ("x-problems" = json!(["forbidden", "not-found", "name-taken", "too-many-checkouts"]))),
    responses((status = 201, description = "Made.", body = CheckoutView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/checkouts")]
pub async fn create_checkout(ctx: Ctx<SignedIn>, body: Body<CheckoutInput>) -> Result<HttpResponse, Problem> {
    let staff = ctx.scope().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let made = create::open(tx, &staff, input.clone()).await?;
        let (organization, id) = (made.organization_id, made.id);
        let written = Written::created(CheckoutView::from(made), format!("/v1/checkouts/{id}"));
        Ok(written.of_tenant(organization, Some(id)))
    })
    .await
}

/// Read a checkout
#[utoipa::path(tag = "checkouts", operation_id = "getCheckout", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")),
    extensions(("x-required-permission" = json!("checkout:read"))),
    responses((status = 200, description = "The checkout.", body = CheckoutView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}")]
pub async fn get_checkout(ctx: Ctx<CheckoutRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let row = store::find(&conn, ctx.scope().checkout).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&CheckoutView::from(row))
}

/// Change a checkout
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged. Closing and opening (`status`) takes `checkout:close`.
#[utoipa::path(tag = "checkouts", operation_id = "updateCheckout", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = CheckoutPatch,
    extensions(("x-required-permission" = json!("checkout:write")), ("x-problems" = json!(["name-taken"]))),
    responses((status = 200, description = "Changed.", body = CheckoutView)))]
#[patch("/v1/checkouts/{checkout_id}")]
pub async fn update_checkout(ctx: Ctx<CheckoutWrite>, body: Body<CheckoutPatch>) -> Result<HttpResponse, Problem> {
    let scope = ctx.scope().clone();
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::update(tx, &scope, if_match.as_deref(), patch.clone()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Delete a checkout
///
/// Only one without live orders, which book-keeping needs: close such a one instead.
#[utoipa::path(tag = "checkouts", operation_id = "deleteCheckout", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")),
    extensions(("x-required-permission" = json!("checkout:close")), ("x-problems" = json!(["checkout-has-orders"]))),
    responses((status = 204, description = "Deleted.")))]
#[delete("/v1/checkouts/{checkout_id}")]
pub async fn delete_checkout(ctx: Ctx<CheckoutClose>) -> Result<HttpResponse, Problem> {
    let id = ctx.scope().checkout;
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = put_away::delete(tx, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&was))
    })
    .await
}
