//! People of a checkout as clients send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::CheckoutMember;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::UserId;
use crate::kernel::permission::CheckoutRole;
use crate::kernel::text::{Email, Name};

/// A member of the organization who is to work in the checkout. Name them by `user_id` or by `email`.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutMemberInput {
    /// The person.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Their address.
    #[serde(default)]
    pub email: Option<Email>,
    /// Their role.
    #[schema(value_type = String, example = "maintainer")]
    pub role: CheckoutRole,
}

/// Another role for a person in a checkout.
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutMemberPatch {
    /// The role.
    #[schema(value_type = String, example = "viewer")]
    pub role: CheckoutRole,
}

/// A person in a checkout.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckoutMember)]
pub struct CheckoutMemberView {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// Their role.
    #[schema(value_type = String, example = "maintainer")]
    pub role: CheckoutRole,
    /// `organization`: an owner or admin of the organization, who is an admin here uninvited; `direct`: given the role here.
    #[schema(example = "direct", examples("organization", "direct"))]
    pub source: &'static str,
    /// When they joined.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When their role last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<CheckoutMember> for CheckoutMemberView {
    fn from(row: CheckoutMember) -> Self {
        Self {
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            role: row.role,
            source: if row.implied { "organization" } else { "direct" },
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
