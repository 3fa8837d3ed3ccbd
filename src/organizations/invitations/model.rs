//! Rows of invitations.

use diesel::QueryableByName;

use crate::db::schema::invitations;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{InvitationId, OrganizationId};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::Email;
use crate::word_enum;

word_enum! {
    /// Where an invitation stands. One whose time is over stays pending here and reads as expired.
    pub enum InvitationStatus in "invitations.status" {
        /// Waiting for an answer.
        Pending = "pending",
        /// Accepted.
        Accepted = "accepted",
        /// Taken back, or replaced by a newer one.
        Withdrawn = "withdrawn",
    }
}

/// An invitation of one address.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub id: InvitationId,
    /// Who is invited.
    pub email: Email,
    /// As what.
    pub role: OrganizationRole,
    /// With which roles in checkouts.
    pub checkout_roles: serde_json::Value,
    /// Where it stands.
    pub status: InvitationStatus,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}
