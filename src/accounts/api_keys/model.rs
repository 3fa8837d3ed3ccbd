//! Rows of API keys.

use diesel::QueryableByName;

use crate::db::schema::{api_key_checkouts, api_keys};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId};
use crate::kernel::permission::{CheckoutRole, OrganizationRole};
use crate::kernel::text::Name;

/// An API key, without its secret.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = api_keys)]
pub struct ApiKey {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The key.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: Name,
    /// SHA-256 of the secret part.
    pub secret_hash: Vec<u8>,
    /// The last four characters, for people.
    pub last4: String,
    /// For test mode only.
    pub test_mode: bool,
    /// Its role in the organization.
    pub organization_role: Option<OrganizationRole>,
    /// The checkout it belongs to, and reaches alone.
    pub checkout_id: Option<CheckoutId>,
    /// When it ends.
    pub expires_at: Option<Instant>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// The key that made it: it ends with that one.
    pub made_by: Option<ApiKeyId>,
}

/// A key's role in one checkout.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = api_key_checkouts)]
pub struct KeyRole {
    /// The key.
    pub api_key_id: ApiKeyId,
    /// The checkout.
    pub checkout_id: CheckoutId,
    /// The role.
    pub role: CheckoutRole,
}

/// A key with its roles.
#[derive(Clone, Debug)]
pub struct KeyDetail {
    /// The key.
    pub key: ApiKey,
    /// Its roles in checkouts.
    pub roles: Vec<KeyRole>,
}
