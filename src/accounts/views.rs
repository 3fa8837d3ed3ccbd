//! What clients send to sign in, and what they see of themselves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{User, VisibleCheckout};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, OrganizationId, UserId};
use crate::kernel::permission::{CheckoutRole, OrganizationRole};
use crate::kernel::text::{Email, Name, Slug};

/// A person who makes an account.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterInput {
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// A password of at least 8 characters.
    #[validate(length(min = 8, max = 1024, message = "must have 8 to 1024 characters"))]
    #[schema(format = Password, min_length = 8, max_length = 1024, example = "correct horse battery staple")]
    pub password: String,
}

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

/// A refresh token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshInput {
    /// The one that came last. Each works once; a second use ends the sign-in.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(min_length = 1, max_length = 1024, example = "kassa_rt_AZNQ3mGfTqKb0l8V")]
    pub refresh_token: String,
}

/// A token from a mail.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTokenInput {
    /// The token.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(min_length = 1, max_length = 1024, example = "AZNQ3mGfTqKb0l8V")]
    pub token: String,
}

/// The old password and a new one.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordInput {
    /// The password as it is.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    pub current_password: String,
    /// The password as it shall be: at least 8 characters.
    #[validate(length(min = 8, max = 1024, message = "must have 8 to 1024 characters"))]
    #[schema(format = Password, min_length = 8, max_length = 1024, example = "another horse battery staple")]
    pub new_password: String,
}

/// An address.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgotPasswordInput {
    /// The address of the account.
    pub email: Email,
}

/// A token from a mail and a new password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordInput {
    /// The token.
    #[validate(length(min = 1, max = 1024, message = "must have 1 to 1024 characters"))]
    #[schema(min_length = 1, max_length = 1024, example = "AZNQ3mGfTqKb0l8V")]
    pub token: String,
    /// The password as it shall be: at least 8 characters.
    #[validate(length(min = 8, max = 1024, message = "must have 8 to 1024 characters"))]
    #[schema(format = Password, min_length = 8, max_length = 1024, example = "another horse battery staple")]
    pub new_password: String,
}

/// An access token, and for a sign-in the means to get the next.
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
    /// Exchange it once for the next pair, within thirty days. Only for a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "kassa_rt_AZNQ3mGfTqKb0l8V")]
    pub refresh_token: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// The person.
    pub id: UserId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// Whether they have proved that it is theirs.
    #[schema(example = false)]
    pub email_verified: bool,
    /// When the account was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<User> for UserView {
    fn from(row: User) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            email_verified: row.email_verified_at.is_some(),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
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
    /// Whether the user has proved that the address is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub email_verified: Option<bool>,
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
    /// The caller's own role, or that of their token where it allows less. Absent where the two share less than any role allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>, example = "admin")]
    pub role: Option<CheckoutRole>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<VisibleCheckout> for CheckoutListItem {
    fn from(row: VisibleCheckout) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            name: row.name,
            slug: row.slug,
            role: Some(row.role),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
