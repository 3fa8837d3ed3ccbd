//! Organizations over HTTP.

use actix_web::{HttpResponse, delete, get, patch, post};

use super::views::{OrganizationInput, OrganizationListItem, OrganizationPatch, OrganizationView};
use super::{create, delete as put_away, store, update};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::caller::Principal;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{OrganizationDelete, OrganizationRead, OrganizationWrite, SignedIn};
use crate::http::write::Written;
use crate::kernel::ids::OrganizationId;
use crate::kernel::permission::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Create an organization
///
/// Who makes it owns it. It sells in test mode at once, and live when `activation.missing` is empty.
#[utoipa::path(tag = "organizations", operation_id = "createOrganization", request_body = OrganizationInput,
    extensions(("x-required-permission" = json!("signed_in")), ("x-problems" = json!(["forbidden"]))),
    responses((status = 201, description = "Made.", body = OrganizationView, headers(("Location" = String, description = "Where it is.")))))]
#[post("/v1/organizations")]
pub async fn create_organization(ctx: Ctx<SignedIn>, body: Body<OrganizationInput>) -> Result<HttpResponse, Problem> {
    let staff = ctx.scope().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let id = create::open(tx, &staff, input.clone()).await?;
        let made = store::find(tx.conn(), id)
            .await?
            .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
        Ok(Written::created(OrganizationView::whole(made), format!("/v1/organizations/{id}")).of_tenant(id, None))
    })
    .await
}

/// List organizations
///
/// Those the caller belongs to, with their own role.
#[utoipa::path(tag = "organizations", operation_id = "listOrganizations", params(ListQuery),
    extensions(("x-required-permission" = json!("signed_in"))),
    responses((status = 200, description = "A page of organizations, newest first.", body = List<OrganizationListItem>)))]
#[get("/v1/organizations")]
pub async fn list_organizations(ctx: Ctx<SignedIn>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let staff = ctx.scope();
    let mut page = match staff.principal {
        Principal::User(user) => store::of_user(&conn, user, &page).await?,
        Principal::Key { organization, key } => store::of_key(&conn, organization, key, &page).await?,
    };
    page.rows.retain(|row| staff.sees_organization(row.id));
    ctx.page(&ctx.list(page, OrganizationListItem::from))
}

/// Read an organization
///
/// Members see its name alone.
#[utoipa::path(tag = "organizations", operation_id = "getOrganization", params(("organization_id" = OrganizationId, Path, description = "The organization.")),
    extensions(("x-required-permission" = json!("organization:read"))),
    responses((status = 200, description = "The organization.", body = OrganizationView), (status = 304, description = "Unchanged.")))]
#[get("/v1/organizations/{organization_id}")]
pub async fn get_organization(ctx: Ctx<OrganizationRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let scope = ctx.scope();
    let row = store::find(&conn, scope.organization).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    // The same who see its people: a test key changes nothing here and reads it all.
    if scope.permissions.allows(Permission::PeopleRead) {
        ctx.one(&OrganizationView::whole(row))
    } else {
        ctx.one(&OrganizationView::name_only(row))
    }
}

/// Change an organization
///
/// JSON Merge Patch: null clears, absent keeps, objects are merged.
#[utoipa::path(tag = "organizations", operation_id = "updateOrganization", params(("organization_id" = OrganizationId, Path, description = "The organization.")), request_body = OrganizationPatch,
    extensions(("x-required-permission" = json!("organization:write"))),
    responses((status = 200, description = "Changed.", body = OrganizationView)))]
#[patch("/v1/organizations/{organization_id}")]
pub async fn update_organization(
    ctx: Ctx<OrganizationWrite>,
    body: Body<OrganizationPatch>,
) -> Result<HttpResponse, Problem> {
    let id = ctx.scope().organization;
    let if_match = ctx.request().if_match.clone();
    let (patch, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = update::apply(tx, id, if_match.as_deref(), patch.clone()).await?;
        Ok(Written::changed(&before, after))
    })
    .await
}

/// Delete an organization
///
/// Its checkouts have to be deleted first.
#[utoipa::path(tag = "organizations", operation_id = "deleteOrganization", params(("organization_id" = OrganizationId, Path, description = "The organization.")),
    extensions(("x-required-permission" = json!("organization:delete")), ("x-problems" = json!(["organization-not-empty"]))),
    responses((status = 204, description = "Deleted.")))]
#[delete("/v1/organizations/{organization_id}")]
pub async fn delete_organization(ctx: Ctx<OrganizationDelete>) -> Result<HttpResponse, Problem> {
    let id = ctx.scope().organization;
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = put_away::delete(tx, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&was))
    })
    .await
}
