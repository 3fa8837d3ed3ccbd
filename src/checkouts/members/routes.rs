//! The people of a checkout over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{CheckoutMemberInput, CheckoutMemberPatch, CheckoutMemberView};
use super::{add, change_role, remove, store};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{MembersRead, MembersWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, UserId};
use crate::kernel::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CheckoutMemberPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The person.
    user_id: UserId,
}

/// Add a person to a checkout
///
/// They must belong to the organization. Owners and admins of it are admins here already.
#[utoipa::path(tag = "checkouts", operation_id = "addCheckoutMember", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = CheckoutMemberInput,
    extensions(("x-required-permission" = json!("members:write")), ("x-problems" = json!(["already-member"]))),
    responses((status = 201, description = "Added.", body = CheckoutMemberView, headers(("Location" = String, description = "Where they are.")))))]
#[post("/v1/checkouts/{checkout_id}/members")]
pub async fn add_member(ctx: Ctx<MembersWrite>, body: Body<CheckoutMemberInput>) -> Result<HttpResponse, Problem> {
    let scope = ctx.scope().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let added = add::add(tx, &scope, &input).await?;
        let location = format!("/v1/checkouts/{}/members/{}", scope.checkout, added.user_id);
        Ok(Written::created(added, location))
    })
    .await
}

/// List the people of a checkout
#[utoipa::path(tag = "checkouts", operation_id = "listCheckoutMembers", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("members:read"))),
    responses((status = 200, description = "A page of people, the latest accounts first.", body = List<CheckoutMemberView>)))]
#[get("/v1/checkouts/{checkout_id}/members")]
pub async fn list_members(ctx: Ctx<MembersRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let scope = ctx.scope();
    let page = store::page(&conn, scope.organization, scope.checkout, &page).await?;
    ctx.page(&ctx.list(page, CheckoutMemberView::from))
}

/// Change a person's role in a checkout
///
/// Effective with their next request, on every instance.
#[utoipa::path(tag = "checkouts", operation_id = "updateCheckoutMember", params(CheckoutMemberPath), request_body = CheckoutMemberPatch,
    extensions(("x-required-permission" = json!("members:write")), ("x-problems" = json!(["implied-member"]))),
    responses((status = 200, description = "Changed.", body = CheckoutMemberView)))]
#[patch("/v1/checkouts/{checkout_id}/members/{user_id}")]
pub async fn update_member(
    ctx: Ctx<MembersWrite>,
    path: web::Path<CheckoutMemberPath>,
    body: Body<CheckoutMemberPatch>,
) -> Result<HttpResponse, Problem> {
    let (scope, user) = (ctx.scope().clone(), path.user_id);
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change_role::change_role(tx, &scope, user, if_match.as_deref(), patch.role).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Remove a person from a checkout
///
/// Effective with their next request, on every instance.
#[utoipa::path(tag = "checkouts", operation_id = "removeCheckoutMember", params(CheckoutMemberPath),
    extensions(("x-required-permission" = json!("members:write")), ("x-problems" = json!(["implied-member"]))),
    responses((status = 204, description = "Removed.")))]
#[delete("/v1/checkouts/{checkout_id}/members/{user_id}")]
pub async fn remove_member(
    ctx: Ctx<MembersWrite>,
    path: web::Path<CheckoutMemberPath>,
) -> Result<HttpResponse, Problem> {
    let (scope, user) = (ctx.scope().clone(), path.user_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = remove::remove(tx, &scope, user, if_match.as_deref()).await?;
        Ok(Written::deleted(&was))
    })
    .await
}
