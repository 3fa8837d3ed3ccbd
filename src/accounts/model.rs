//! Rows of users and of what they may reach.

use diesel::QueryableByName;
use diesel::sql_types::{Binary, Bool, Nullable, Text, Uuid as SqlUuid};

use crate::db::schema::{sign_ins, users};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, OrganizationId, SignInId, UserId};
use crate::kernel::permission::{CheckoutRole, Grants, OrganizationRole};
use crate::kernel::tenant::Caps;
use crate::kernel::text::{Email, Name, Slug};
use crate::word_enum;

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
    /// PHC string of argon2id; none for who signs in elsewhere.
    pub password_hash: Option<String>,
    /// When they proved that the address is theirs.
    pub email_verified_at: Option<Instant>,
    /// When the account was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

word_enum! {
    /// Why a sign-in ended.
    pub enum RevokedFor in "sign_ins.revoked_for" {
        /// The person signed out.
        SignedOut = "signed_out",
        /// A refresh token came a second time: it, or its successor, is in other hands.
        Reused = "reused",
        /// The password was changed.
        PasswordChanged = "password_changed",
    }
}

/// A family of refresh tokens.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = sign_ins)]
pub struct SignIn {
    /// Whose.
    pub user_id: UserId,
    /// The family.
    pub id: SignInId,
    /// The generation whose token refreshes.
    pub generation: i32,
    /// When it ends unless it is used.
    pub expires_at: Instant,
    /// When it was ended.
    pub revoked_at: Option<Instant>,
}

/// What somebody is in the tenant that a request names.
#[derive(Clone, Debug, QueryableByName)]
pub struct UserStanding {
    /// The organization named, or that of the checkout named; none when there is no such tenant.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub organization_id: Option<OrganizationId>,
    /// In the organization.
    #[diesel(sql_type = Nullable<Text>)]
    pub organization_role: Option<OrganizationRole>,
    /// In the checkout.
    #[diesel(sql_type = Nullable<Text>)]
    pub checkout_role: Option<CheckoutRole>,
}

impl UserStanding {
    /// The roles side by side.
    pub fn grants(&self) -> Grants {
        Grants {
            organization: self.organization_role,
            checkout: self.checkout_role,
        }
    }
}

/// What a key is in the tenant that a request names.
#[derive(Clone, Debug, QueryableByName)]
pub struct KeyStanding {
    /// SHA-256 of its secret part.
    #[diesel(sql_type = Binary)]
    pub secret_hash: Vec<u8>,
    /// For test mode only.
    #[diesel(sql_type = Bool)]
    pub test_mode: bool,
    /// Whether its last use should be noted: once a minute at the most.
    #[diesel(sql_type = Bool)]
    pub touch: bool,
    /// The key's organization, if the tenant named is it or one of its checkouts.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub tenant_id: Option<OrganizationId>,
    /// In the organization.
    #[diesel(sql_type = Nullable<Text>)]
    pub organization_role: Option<OrganizationRole>,
    /// In the checkout.
    #[diesel(sql_type = Nullable<Text>)]
    pub checkout_role: Option<CheckoutRole>,
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
    /// When it was made.
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    pub created_at: Instant,
    /// When it last changed.
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    pub updated_at: Instant,
}

/// An organization that a caller belongs to.
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

/// What of all checkouts a token lets be listed.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Only what is named below.
    pub narrowed: bool,
    /// Every checkout of these organizations.
    pub organizations: Vec<OrganizationId>,
    /// These checkouts.
    pub checkouts: Vec<CheckoutId>,
}

impl From<Option<&Caps>> for Sight {
    fn from(caps: Option<&Caps>) -> Self {
        let Some(caps) = caps else {
            return Self::default();
        };
        let implied = caps
            .organizations
            .iter()
            .filter(|(_, role)| role.implied_checkout_role().is_some());
        Self {
            narrowed: true,
            organizations: implied.map(|(id, _)| *id).collect(),
            checkouts: caps.checkouts.keys().copied().collect(),
        }
    }
}
