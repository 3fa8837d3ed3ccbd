//! The audit log over HTTP.

use actix_web::{HttpResponse, get};

use super::store;
use super::views::{AuditEntryView, AuditQuery};
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{AuditRead, OrganizationAuditRead};
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::problem::Problem;

/// Read the audit log of an organization
///
/// Every change by staff, in its checkouts too.
#[utoipa::path(tag = "audit log", operation_id = "listOrganizationAuditLog", params(("organization_id" = OrganizationId, Path, description = "The organization."), AuditQuery),
    extensions(("x-required-permission" = json!("organization_audit_log:read"))),
    responses((status = 200, description = "A page of entries, newest first.", body = List<AuditEntryView>)))]
#[get("/v1/organizations/{organization_id}/audit-log")]
pub async fn list_organization_audit_log(ctx: Ctx<OrganizationAuditRead>) -> Result<HttpResponse, Problem> {
    let asked: AuditQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let filter = asked.filter(None)?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().organization, filter, &page).await?;
    ctx.page(&ctx.list(page, AuditEntryView::from))
}

/// Read the audit log of a checkout
#[utoipa::path(tag = "audit log", operation_id = "listCheckoutAuditLog", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), AuditQuery),
    extensions(("x-required-permission" = json!("audit_log:read"))),
    responses((status = 200, description = "A page of entries, newest first.", body = List<AuditEntryView>)))]
#[get("/v1/checkouts/{checkout_id}/audit-log")]
pub async fn list_checkout_audit_log(ctx: Ctx<AuditRead>) -> Result<HttpResponse, Problem> {
    let asked: AuditQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let scope = ctx.scope();
    let filter = asked.filter(Some(scope.checkout))?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, scope.organization, filter, &page).await?;
    ctx.page(&ctx.list(page, AuditEntryView::from))
}
