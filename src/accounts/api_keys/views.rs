//! Keys as clients send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{KeyDetail, KeyRole};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{ApiKeyId, CheckoutId};
use crate::kernel::moment::Moment;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::tenant::CheckoutGrant;
use crate::kernel::text::Name;

impl From<KeyRole> for CheckoutGrant {
    fn from(row: KeyRole) -> Self {
        Self {
            checkout_id: row.checkout_id,
            role: row.role,
        }
    }
}

/// A key to be made.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyInput {
    /// What it is for.
    pub name: Name,
    /// Its role in the organization: owners and admins reach every checkout. Not for keys of a checkout.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "member")]
    pub organization_role: Option<OrganizationRole>,
    /// Its roles in single checkouts. For a key of a checkout: exactly one, in that checkout.
    #[serde(default)]
    #[validate(length(max = 100, message = "at most 100 checkouts"))]
    #[schema(max_items = 100)]
    pub checkout_roles: Vec<CheckoutGrant>,
    /// When it ends by itself; never when absent.
    #[serde(default)]
    pub expires_at: Option<Moment>,
    /// A key for test mode: whatever its role, it changes the catalogue, links, discount codes, orders and webhooks, reads the rest,
    /// and is refused with 403 where people, billing, keys, settings or the existence of a shop are changed. So is a token that it is
    /// exchanged for. It begins with `kassa_sk_test_`.
    #[serde(default)]
    #[schema(example = true)]
    pub test_mode: bool,
}

/// An API key.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyView {
    /// The key's id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: Name,
    /// The key itself: in the answer that makes it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "kassa_sk_test_AZNQ3mGfTqKb0l8V")]
    pub api_key: Option<String>,
    /// Its last four characters.
    #[schema(example = "l8Vq")]
    pub last4: String,
    /// For test mode: see the body that makes a key.
    #[schema(example = true)]
    pub test_mode: bool,
    /// Its role in the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>, example = "member")]
    pub organization_role: Option<OrganizationRole>,
    /// Its roles in single checkouts.
    pub checkout_roles: Vec<CheckoutGrant>,
    /// The checkout it belongs to, if it is not one of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub checkout_id: Option<CheckoutId>,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, format = DateTime, example = "2027-11-20T12:00:00.000Z")]
    pub expires_at: Option<String>,
    /// When it was used last, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub last_used_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// Keys do not change: the same as `created_at`.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl ApiKeyView {
    /// With the key itself, for the answer that makes it.
    pub fn with_key(detail: KeyDetail, api_key: String) -> Self {
        Self {
            api_key: Some(api_key),
            ..Self::from(detail)
        }
    }
}

impl From<KeyDetail> for ApiKeyView {
    fn from(detail: KeyDetail) -> Self {
        let key = detail.key;
        Self {
            id: key.id,
            name: key.name,
            api_key: None,
            last4: key.last4,
            test_mode: key.test_mode,
            organization_role: key.organization_role,
            checkout_roles: detail.roles.into_iter().map(Into::into).collect(),
            checkout_id: key.checkout_id,
            expires_at: key.expires_at.as_ref().map(rfc3339),
            last_used_at: key.last_used_at.as_ref().map(rfc3339),
            created_at: rfc3339(&key.created_at),
            updated_at: rfc3339(&key.created_at),
        }
    }
}

/// A key to be exchanged for a token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// The key.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(min_length = 1, max_length = 1024, example = "kassa_sk_test_AZNQ3mGfTqKb0l8V")]
    pub api_key: String,
    /// The only checkout the token is to reach.
    #[serde(default)]
    pub checkout_id: Option<CheckoutId>,
    /// What the token is to allow at the most: a checkout role with `checkout_id`, else an organization role. The token never
    /// allows more than the key does.
    #[serde(default)]
    #[validate(length(min = 1, max = 40, message = "must have 1 to 40 characters"))]
    #[schema(min_length = 1, max_length = 40, example = "viewer")]
    pub role: Option<String>,
    /// How long it is to hold, in seconds.
    #[serde(default)]
    #[validate(range(min = 1, max = 900, message = "must be 1 to 900"))]
    #[schema(minimum = 1, maximum = 900, example = 300)]
    pub expires_in: Option<i64>,
}
