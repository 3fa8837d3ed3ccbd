//! Rows of organizations.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::OrganizationId;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::{Label, Name};
use crate::word_enum;

word_enum! {
    /// Whether an organization may sell.
    pub enum OrganizationStatus in "organizations.status" {
        /// Billing details or payment card are missing.
        Inactive = "inactive",
        /// It may.
        Active = "active",
        /// The operator has suspended it.
        Suspended = "suspended",
    }
}

word_enum! {
    /// What is charged to a business elsewhere in the EU whose VAT number could not be checked.
    pub enum UnverifiedVat in "organizations.unverified_vat" {
        /// The tax, as for a consumer.
        Charge = "charge",
        /// Nothing: the buyer owes it.
        ReverseCharge = "reverse_charge",
    }
}

/// A tenant.
#[derive(Clone, Debug, QueryableByName)]
pub struct Organization {
    /// The organization.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganizationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// The country of its address.
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<Country>,
    /// Its number in the register of companies.
    #[diesel(sql_type = Nullable<Text>)]
    pub business_id: Option<Label>,
    /// Its VAT number.
    #[diesel(sql_type = Nullable<Text>)]
    pub vat_number: Option<Label>,
    /// Its address.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub address: Option<serde_json::Value>,
    /// Its logo.
    #[diesel(sql_type = Nullable<Text>)]
    pub logo_url: Option<String>,
    /// Recognised as a provider of education, which is exempt.
    #[diesel(sql_type = Bool)]
    pub education_provider: bool,
    /// Registered for VAT in its country.
    #[diesel(sql_type = Bool)]
    pub vat_registered: bool,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    #[diesel(sql_type = Bool)]
    pub union_oss: bool,
    /// VAT registrations elsewhere.
    #[diesel(sql_type = Jsonb)]
    pub registrations: serde_json::Value,
    /// What businesses with an unchecked number pay.
    #[diesel(sql_type = Text)]
    pub unverified_vat: UnverifiedVat,
    /// What its checkouts have no policy of their own for.
    #[diesel(sql_type = Jsonb)]
    pub policies: serde_json::Value,
    /// The merchant's own pairs.
    #[diesel(sql_type = Jsonb)]
    pub metadata: serde_json::Value,
    /// Whether it may sell.
    #[diesel(sql_type = Text)]
    pub status: OrganizationStatus,
    /// Fields of the billing details that are still empty.
    #[diesel(sql_type = Array<Text>)]
    pub missing_details: Vec<String>,
    /// Whether a payment card is on file.
    #[diesel(sql_type = Bool)]
    pub card_present: bool,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}

/// An organization to be made.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// The organization.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Where it is established, if that is known.
    pub country: Option<Country>,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    pub union_oss: bool,
}

/// An organization as a list shows it.
#[derive(Clone, Debug, QueryableByName)]
pub struct ListedOrganization {
    /// The organization.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganizationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// The caller's role.
    #[diesel(sql_type = Nullable<Text>)]
    pub role: Option<OrganizationRole>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}
