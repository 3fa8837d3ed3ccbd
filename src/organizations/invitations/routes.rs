//! Invitations over HTTP.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{AcceptInput, AcceptedInvitation, InvitationInput, InvitationView, InvitationsSent};
use super::{accept, invite, store, withdraw};
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{PeopleRead, PeopleWrite, SignedIn};
use crate::http::write::Written;
use crate::kernel::ids::{InvitationId, OrganizationId};
use crate::kernel::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct InvitationPath {
    /// The organization.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    organization_id: OrganizationId,
    /// The invitation.
    invitation_id: InvitationId,
}

/// Invite people
///
/// Each address gets a mail with a code that works once, for two weeks, and for an account with that address alone. An open
/// invitation of the same address is taken back. Inviting owners, and taking back their invitations, takes `owners:write`. Who
/// invites has proved their own address; a key invites when an owner has. An organization sends up to 1000 invitations in 24 hours.
#[utoipa::path(tag = "organizations", operation_id = "createInvitations", params(("organization_id" = OrganizationId, Path, description = "The organization.")), request_body = InvitationInput,
    extensions(("x-required-permission" = json!("people:write")), ("x-problems" = json!(["email-not-verified", "too-many-invitations"]))),
    responses((status = 201, description = "Sent.", body = InvitationsSent, headers(("Location" = String, description = "Where they are listed.")))))]
#[post("/v1/organizations/{organization_id}/invitations")]
pub async fn create_invitations(ctx: Ctx<PeopleWrite>, body: Body<InvitationInput>) -> Result<HttpResponse, Problem> {
    let (scope, state) = (ctx.scope().clone(), ctx.state().clone());
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let sent = invite::invite(tx, &state.keys, &scope, &input).await?;
        let now = tx.clock().now();
        let data = sent.into_iter().map(|row| InvitationView::at(row, now)).collect();
        let location = format!("/v1/organizations/{}/invitations", scope.organization);
        Ok(Written::created(InvitationsSent { data }, location).of_each(|sent| &sent.data))
    })
    .await
}

/// List invitations
#[utoipa::path(tag = "organizations", operation_id = "listInvitations", params(("organization_id" = OrganizationId, Path, description = "The organization."), ListQuery),
    extensions(("x-required-permission" = json!("people:read"))),
    responses((status = 200, description = "A page of invitations, newest first.", body = List<InvitationView>)))]
#[get("/v1/organizations/{organization_id}/invitations")]
pub async fn list_invitations(ctx: Ctx<PeopleRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().organization, &page).await?;
    let now = ctx.db().clock().now();
    ctx.page(&ctx.list(page, |row| InvitationView::at(row, now)))
}

/// Take an invitation back
#[utoipa::path(tag = "organizations", operation_id = "withdrawInvitation", params(InvitationPath),
    extensions(("x-required-permission" = json!("people:write")), ("x-problems" = json!(["impossible-transition"]))),
    responses((status = 204, description = "Taken back.")))]
#[delete("/v1/organizations/{organization_id}/invitations/{invitation_id}")]
pub async fn withdraw_invitation(
    ctx: Ctx<PeopleWrite>,
    path: web::Path<InvitationPath>,
) -> Result<HttpResponse, Problem> {
    let (scope, id) = (ctx.scope().clone(), path.invitation_id);
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let was = withdraw::withdraw(tx, &scope, id, if_match.as_deref()).await?;
        Ok(Written::deleted(&was))
    })
    .await
}

/// Accept an invitation
///
/// With the code of the mail, by who is signed in with the address it was sent to. It works once. Who is a member already keeps
/// the roles they have.
#[utoipa::path(tag = "organizations", operation_id = "acceptInvitation", request_body = AcceptInput,
    extensions(("x-required-permission" = json!("signed_in")),
        ("x-problems" = json!(["forbidden", "invalid-token", "invitation-ended", "invitation-for-another"]))),
    responses((status = 200, description = "Accepted.", body = AcceptedInvitation)))]
#[post("/v1/invitations/accept")]
pub async fn accept_invitation(ctx: Ctx<SignedIn>, body: Body<AcceptInput>) -> Result<HttpResponse, Problem> {
    let (staff, state) = (ctx.scope().clone(), ctx.state().clone());
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (was, accepted) = accept::accept(tx, &state.keys, &staff, &input.token).await?;
        let organization = accepted.organization_id;
        Ok(Written::changed(&was, accepted)
            .of_tenant(organization, None)
            .of_object(was.id))
    })
    .await
}
