//! Rows of checkouts.

use diesel::QueryableByName;

use crate::db::schema::checkouts;
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name, Slug};
use crate::word_enum;

word_enum! {
    /// Whether the merchant takes orders.
    pub enum CheckoutStatus in "checkouts.status" {
        /// Taking orders.
        Open = "open",
        /// Not taking orders.
        Closed = "closed",
    }
}

/// A storefront and its settings.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = checkouts)]
pub struct Checkout {
    /// The checkout.
    pub id: CheckoutId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its part of public addresses.
    pub slug: Slug,
    /// Whether it takes orders.
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
    pub storefront_url: Option<String>,
    /// Where buyers ask for help.
    pub support_email: Option<Email>,
    /// Who its mails come from.
    pub mail_from_name: Option<Name>,
    /// The address they come from.
    pub mail_from_email: Option<Email>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}
