//! Invitations as clients send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{Invitation, InvitationStatus};
use crate::kernel::clock::{Instant, rfc3339};
use crate::kernel::ids::{InvitationId, OrganizationId};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::tenant::CheckoutGrant;
use crate::kernel::text::{Email, Name};

/// People to be invited, all as the same.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationInput {
    /// Their addresses.
    #[validate(length(min = 1, max = 100, message = "1 to 100 addresses"))]
    #[schema(min_items = 1, max_items = 100)]
    pub emails: Vec<Email>,
    /// Their role in the organization.
    #[schema(value_type = String, example = "member")]
    pub role: OrganizationRole,
    /// Their roles in single checkouts.
    #[serde(default)]
    #[validate(length(max = 100, message = "at most 100 checkouts"))]
    #[schema(max_items = 100)]
    pub checkout_roles: Vec<CheckoutGrant>,
}

/// What was sent.
#[derive(Serialize, ToSchema)]
pub struct InvitationsSent {
    /// One for each address, in the order they were given.
    pub data: Vec<InvitationView>,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// The invitation.
    pub id: InvitationId,
    /// Who is invited.
    pub email: Email,
    /// As what.
    #[schema(value_type = String, example = "member")]
    pub role: OrganizationRole,
    /// With which roles in checkouts.
    pub checkout_roles: Vec<CheckoutGrant>,
    /// `pending`, `accepted`, `withdrawn` or `expired`.
    #[schema(example = "pending", examples("pending", "accepted", "withdrawn", "expired"))]
    pub status: &'static str,
    /// When it ends.
    #[schema(format = DateTime, example = "2026-12-04T12:00:00.000Z")]
    pub expires_at: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl InvitationView {
    /// As it stands at a moment.
    pub fn at(row: Invitation, now: Instant) -> Self {
        let expired = row.status == InvitationStatus::Pending && row.expires_at <= now;
        Self {
            id: row.id,
            email: row.email,
            role: row.role,
            checkout_roles: serde_json::from_value(row.checkout_roles).unwrap_or_default(),
            status: if expired { "expired" } else { row.status.as_str() },
            expires_at: rfc3339(&row.expires_at),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// The token of a mail.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInput {
    /// The token.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(min_length = 1, max_length = 1024, example = "AZNQ3mGfTqKb0l8V")]
    pub token: String,
}

/// What an invitation led to.
#[derive(Serialize, ToSchema)]
pub struct AcceptedInvitation {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization_name: Name,
    /// The caller's role in it: the invitation's, or the one that they have if they are a member already.
    #[schema(value_type = String, example = "member")]
    pub role: OrganizationRole,
    /// The roles in checkouts that came with it; none for who is a member already.
    pub checkout_roles: Vec<CheckoutGrant>,
}
