//! A checkout as staff see it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Checkout, CheckoutStatus};
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name, Slug};

/// A storefront and its settings.
#[derive(Serialize, ToSchema)]
#[schema(as = Checkout)]
pub struct CheckoutView {
    /// The checkout.
    pub id: CheckoutId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its part of public addresses.
    pub slug: Slug,
    /// Whether the merchant takes orders.
    pub status: CheckoutStatus,
    /// Where it sells from.
    pub country: Country,
    /// What it sells in unless a buyer asks otherwise.
    pub default_currency: Currency,
    /// What it speaks unless a buyer asks otherwise.
    pub default_locale: Locale,
    /// Whether prices include VAT.
    pub prices_include_tax: bool,
    /// Where its storefront is.
    #[schema(example = "https://shop.example.com")]
    pub storefront_url: Option<String>,
    /// Where buyers ask for help.
    pub support_email: Option<Email>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<Checkout> for CheckoutView {
    fn from(row: Checkout) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            name: row.name,
            slug: row.slug,
            status: row.status,
            country: row.country,
            default_currency: row.default_currency,
            default_locale: row.default_locale,
            prices_include_tax: row.prices_include_tax,
            storefront_url: row.storefront_url,
            support_email: row.support_email,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
