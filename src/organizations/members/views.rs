//! Members as clients send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::Member;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::UserId;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::{Email, Name};

/// Another role for a member.
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    /// The role.
    #[schema(value_type = String, example = "admin")]
    pub role: OrganizationRole,
}

/// A person in an organization.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationMember)]
pub struct MemberView {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// Their role.
    #[schema(value_type = String, example = "member")]
    pub role: OrganizationRole,
    /// When they joined.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When their role last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<Member> for MemberView {
    fn from(row: Member) -> Self {
        Self {
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            role: row.role,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
