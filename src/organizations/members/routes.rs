//! Members over HTTP.

use actix_web::{HttpResponse, delete, get, patch, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{MemberPatch, MemberView};
use super::{change_role, remove, store};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{OrganizationRead, PeopleRead, PeopleWrite};
use crate::http::write::Written;
use crate::kernel::ids::{OrganizationId, UserId};
use crate::kernel::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct MemberPath {
    /// The organization.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    organization_id: OrganizationId,
    /// The person.
    user_id: UserId,
}

/// List the members of an organization
#[utoipa::path(tag = "organizations", operation_id = "listOrganizationMembers", params(("organization_id" = OrganizationId, Path, description = "The organization."), ListQuery),
    extensions(("x-required-permission" = json!("people:read"))),
    responses((status = 200, description = "A page of members, the latest accounts first.", body = List<MemberView>)))]
#[get("/v1/organizations/{organization_id}/members")]
pub async fn list_members(ctx: Ctx<PeopleRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().organization, &page).await?;
    ctx.page(&ctx.list(page, MemberView::from))
}

/// Change a member's role
///
/// Owners are made and unmade by owners (`owners:write`), and one always stays.
#[utoipa::path(tag = "organizations", operation_id = "updateOrganizationMember", params(MemberPath), request_body = MemberPatch,
    extensions(("x-required-permission" = json!("people:write")), ("x-problems" = json!(["last-owner"]))),
    responses((status = 200, description = "Changed.", body = MemberView)))]
#[patch("/v1/organizations/{organization_id}/members/{user_id}")]
pub async fn update_member(
    ctx: Ctx<PeopleWrite>,
    path: web::Path<MemberPath>,
    body: Body<MemberPatch>,
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

/// Remove a member, or leave
///
/// Anybody may leave. Removing others takes `people:write`, removing owners `owners:write`; the last owner stays. The roles in
/// the organization's checkouts end with it, within a second, and so do invitations that still wait for the address.
#[utoipa::path(tag = "organizations", operation_id = "removeOrganizationMember", params(MemberPath),
    extensions(("x-required-permission" = json!("people:write")), ("x-problems" = json!(["last-owner"]))),
    responses((status = 204, description = "Removed.")))]
#[delete("/v1/organizations/{organization_id}/members/{user_id}")]
pub async fn remove_member(ctx: Ctx<OrganizationRead>, path: web::Path<MemberPath>) -> Result<HttpResponse, Problem> {
    let (scope, user) = (ctx.scope().clone(), path.user_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = remove::remove(tx, &scope, user, if_match.as_deref()).await?;
        Ok(Written::deleted(&was))
    })
    .await
}
