//! What clients send and see of accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{OwnOrganization, VisibleCheckout};
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::permission::{CheckoutRole, OrganizationRole};
use crate::kernel::text::{Email, Name, Slug};

/// E-mail and password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginInput {
    /// The address of the account.
    pub email: Email,
    /// The password.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    pub password: String,
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub struct AccessToken {
    /// Send it as `Authorization: Bearer …`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// How long it holds, in seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
}

/// Who is calling.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// `user` or `api_key`.
    #[serde(rename = "type")]
    #[schema(example = "user", examples("user", "api_key"))]
    pub kind: &'static str,
    /// The id of the user or key.
    #[schema(example = "usr_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub id: String,
    /// The name of the user or key.
    pub name: Name,
    /// The user's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub email: Option<Email>,
    /// The organizations the user belongs to, or the one the key belongs to.
    pub organizations: Vec<MyOrganization>,
}

/// An organization of the caller.
#[derive(Serialize, ToSchema)]
pub struct MyOrganization {
    /// The organization.
    pub id: OrganizationId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// The caller's role in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>, example = "owner")]
    pub role: Option<OrganizationRole>,
}

impl From<OwnOrganization> for MyOrganization {
    fn from(row: OwnOrganization) -> Self {
        Self {
            id: row.id,
            name: Some(row.name),
            role: Some(row.role),
        }
    }
}

/// A checkout as everyone who may see it lists it.
#[derive(Serialize, ToSchema)]
pub struct CheckoutListItem {
    /// The checkout.
    pub id: CheckoutId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
    /// The caller's own role.
    #[schema(value_type = String, example = "admin")]
    pub role: CheckoutRole,
}

impl From<VisibleCheckout> for CheckoutListItem {
    fn from(row: VisibleCheckout) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            name: row.name,
            slug: row.slug,
            role: row.role,
        }
    }
}
