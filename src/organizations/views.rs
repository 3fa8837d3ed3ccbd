//! Organizations as clients send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{ListedOrganization, Organization, OrganizationStatus, UnverifiedVat};
use super::policies::Policies;
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::OrganizationId;
use crate::kernel::patch::{Patch, present};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::{Label, Metadata, Name, web_address};

/// A postal address.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<Name>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<Name>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Label>,
    /// Country. Of an organization: where it is established, which decides on VAT.
    pub country: Country,
}

/// A VAT registration outside of the organization's own country.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxRegistration {
    /// Where.
    pub country: Country,
    /// The number there.
    pub vat_number: Label,
}

/// How the organization stands to VAT, as it states itself. In a change each field may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxInput {
    /// Registered for VAT in its own country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    pub vat_registered: Option<bool>,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    pub union_oss: Option<bool>,
    /// Registrations elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 50, message = "at most 50 registrations"))]
    #[schema(max_items = 50)]
    pub registrations: Option<Vec<TaxRegistration>>,
    /// What a business elsewhere in the EU pays whose number could not be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unverified_vat: Option<UnverifiedVat>,
}

/// An organization to be made.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationInput {
    /// Its name.
    pub name: Name,
    /// Its number in the register of companies.
    #[serde(default)]
    pub business_id: Option<Label>,
    /// Its VAT number.
    #[serde(default)]
    pub vat_number: Option<Label>,
    /// Its address.
    #[serde(default)]
    pub address: Option<Address>,
    /// Its logo.
    #[serde(default)]
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, example = "https://shop.example.com/logo.svg")]
    pub logo_url: Option<String>,
    /// Recognised as a provider of education: `regulated_education` needs it.
    #[serde(default)]
    #[schema(example = false)]
    pub education_provider: bool,
    /// How it stands to VAT.
    #[serde(default)]
    #[validate(nested)]
    pub tax: Option<TaxInput>,
    /// Policies of its checkouts that have none of their own.
    #[serde(default)]
    #[validate(nested)]
    pub policies: Option<Policies>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// A change of an organization: absent keeps, null clears.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPatch {
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// Its number in the register of companies.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    pub business_id: Patch<Label>,
    /// Its VAT number.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    pub vat_number: Patch<Label>,
    /// Its address, merged; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Address>, required = false)]
    pub address: Merge<Address>,
    /// Its logo.
    #[serde(default)]
    #[validate(custom(function = "patched_address"))]
    #[schema(value_type = Option<String>, max_length = 2048, example = "https://shop.example.com/logo.svg")]
    pub logo_url: Patch<String>,
    /// Recognised as a provider of education.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = false)]
    pub education_provider: Option<bool>,
    /// How it stands to VAT, merged.
    #[serde(default)]
    #[schema(value_type = TaxInput, required = false)]
    pub tax: Merge<TaxView>,
    /// Policies of its checkouts that have none of their own, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Policies>, required = false)]
    pub policies: Merge<Policies>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
}

/// A web address in a patch.
pub fn patched_address(patch: &Patch<String>) -> Result<(), validator::ValidationError> {
    match patch {
        Patch::Value(address) => web_address(address),
        Patch::Absent | Patch::Null => Ok(()),
    }
}

fn patch<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Absent, Patch::Value)
}

impl From<OrganizationInput> for OrganizationPatch {
    fn from(input: OrganizationInput) -> Self {
        Self {
            name: Some(input.name),
            business_id: patch(input.business_id),
            vat_number: patch(input.vat_number),
            address: Merge::whole(input.address),
            logo_url: patch(input.logo_url),
            education_provider: Some(input.education_provider),
            tax: Merge::whole(input.tax),
            policies: Merge::whole(input.policies),
            metadata: Merge::whole(input.metadata),
        }
    }
}

/// How an organization stands to VAT.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaxSettings)]
pub struct TaxView {
    /// Registered for VAT in its own country.
    #[schema(example = true)]
    pub vat_registered: bool,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    #[schema(example = true)]
    pub union_oss: bool,
    /// Registrations elsewhere.
    #[serde(default)]
    #[validate(length(max = 50, message = "at most 50 registrations"))]
    #[schema(required = true, max_items = 50)]
    pub registrations: Vec<TaxRegistration>,
    /// What a business elsewhere in the EU pays whose number could not be checked.
    pub unverified_vat: UnverifiedVat,
}

impl TaxView {
    /// How the organization stands to it.
    pub fn of(row: &Organization) -> Self {
        Self {
            vat_registered: row.vat_registered,
            union_oss: row.union_oss,
            registrations: serde_json::from_value(row.registrations.clone()).unwrap_or_default(),
            unverified_vat: row.unverified_vat,
        }
    }
}

/// What an organization still lacks to sell.
#[derive(Serialize, ToSchema)]
#[schema(as = Activation)]
pub struct ActivationView {
    /// Every field of the billing details is there.
    #[schema(example = false)]
    pub billing_details_complete: bool,
    /// A payment card is on file.
    #[schema(example = false)]
    pub payment_card_present: bool,
    /// What is missing: `billing_details.…` and `payment_card`.
    #[schema(example = json!(["billing_details.street", "payment_card"]))]
    pub missing: Vec<String>,
}

/// An organization. Members see `id`, `name` and the times alone.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationView {
    /// The organization.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// All the rest, which only owners and admins see.
    #[serde(flatten)]
    pub details: Option<OrganizationDetails>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// What only owners and admins see of an organization.
#[derive(Serialize, ToSchema)]
pub struct OrganizationDetails {
    /// Its number in the register of companies.
    pub business_id: Option<Label>,
    /// Its VAT number.
    pub vat_number: Option<Label>,
    /// Its address.
    pub address: Option<Address>,
    /// Its logo.
    #[schema(example = "https://shop.example.com/logo.svg")]
    pub logo_url: Option<String>,
    /// Recognised as a provider of education.
    #[schema(required = false, example = false)]
    pub education_provider: bool,
    /// How it stands to VAT.
    #[schema(required = false)]
    pub tax: TaxView,
    /// Policies of its checkouts that have none of their own.
    #[schema(required = false)]
    pub policies: Policies,
    /// The merchant's own pairs.
    #[schema(required = false)]
    pub metadata: Metadata,
    /// Whether it may sell.
    #[schema(required = false)]
    pub status: OrganizationStatus,
    /// What it still lacks to sell.
    #[schema(required = false)]
    pub activation: ActivationView,
}

impl OrganizationView {
    /// As owners and admins see it.
    pub fn whole(row: Organization) -> Self {
        let complete = row.missing_details.is_empty();
        let tax = TaxView::of(&row);
        let details = row
            .missing_details
            .iter()
            .map(|field| format!("billing_details.{field}"));
        let card = (!row.card_present).then(|| "payment_card".to_owned());
        Self {
            id: row.id,
            name: row.name,
            details: Some(OrganizationDetails {
                business_id: row.business_id,
                vat_number: row.vat_number,
                address: row.address.and_then(|address| serde_json::from_value(address).ok()),
                logo_url: row.logo_url,
                education_provider: row.education_provider,
                tax,
                policies: Policies::from_json(row.policies),
                metadata: Metadata::from_json(row.metadata),
                status: row.status,
                activation: ActivationView {
                    billing_details_complete: complete,
                    payment_card_present: row.card_present,
                    missing: details.chain(card).collect(),
                },
            }),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }

    /// As members see it.
    pub fn name_only(row: Organization) -> Self {
        Self {
            details: None,
            ..Self::whole(row)
        }
    }
}

/// An organization as everyone who belongs to it lists it.
#[derive(Serialize, ToSchema)]
pub struct OrganizationListItem {
    /// The organization.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// The caller's own role.
    #[schema(value_type = Option<String>, example = "owner")]
    pub role: Option<OrganizationRole>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<ListedOrganization> for OrganizationListItem {
    fn from(row: ListedOrganization) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
