//! Rows of users, keys and what they may reach.

use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};

use crate::db::schema::{api_keys, users};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId, UserId};
use crate::kernel::permission::{CheckoutRole, OrganizationRole};
use crate::kernel::text::{Email, Name, Slug};

/// A person.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = users)]
pub struct User {
    /// The person.
    pub id: UserId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// PHC string of argon2id.
    pub password_hash: String,
}

/// An API key, as far as it must be known to let it in.
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
    /// Its role in the organization, if it is one of the whole organization.
    pub organization_role: Option<OrganizationRole>,
    /// The only checkout it reaches.
    pub checkout_id: Option<CheckoutId>,
    /// Its role there.
    pub checkout_role: Option<CheckoutRole>,
    /// When it ends.
    pub expires_at: Option<Instant>,
}

/// What a user is in a checkout and in its organization.
#[derive(Clone, Debug, QueryableByName)]
pub struct Membership {
    /// In the organization.
    #[diesel(sql_type = Nullable<Text>)]
    pub organization_role: Option<OrganizationRole>,
    /// In the checkout.
    #[diesel(sql_type = Nullable<Text>)]
    pub checkout_role: Option<CheckoutRole>,
}

impl Membership {
    /// The role that counts: owners and admins of the organization are admins of every checkout.
    pub fn role(&self) -> Option<CheckoutRole> {
        self.organization_role
            .and_then(OrganizationRole::implied_checkout_role)
            .or(self.checkout_role)
    }
}

/// A checkout that a caller may see, with their role in it.
#[derive(Clone, Debug, QueryableByName)]
pub struct VisibleCheckout {
    /// The checkout.
    #[diesel(sql_type = SqlUuid)]
    pub id: CheckoutId,
    /// Its organization.
    #[diesel(sql_type = SqlUuid)]
    pub organization_id: OrganizationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// Its slug.
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    /// The caller's role.
    #[diesel(sql_type = Text)]
    pub role: CheckoutRole,
}

/// An organization a user belongs to.
#[derive(Clone, Debug, QueryableByName)]
pub struct OwnOrganization {
    /// The organization.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganizationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// The caller's role.
    #[diesel(sql_type = Text)]
    pub role: OrganizationRole,
}
