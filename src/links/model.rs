//! Rows of links, and what a link opens.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};

use crate::checkouts::model::CheckoutStatus;
use crate::db::schema::checkout_links;
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, LinkId, OfferId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Label, Name, Slug};
use crate::pricing::tax::Seller;

/// A link.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = checkout_links)]
pub struct Link {
    /// The link.
    pub id: LinkId,
    /// The offer it leads to.
    pub offer_id: OfferId,
    /// What the merchant calls it.
    pub name: Name,
    /// Its part of the public address.
    pub slug: Slug,
    /// Where its buyers come from.
    pub source: Option<Label>,
    /// The merchant's own words.
    pub tags: Vec<String>,
    /// Whether it opens sessions.
    pub active: bool,
    /// What buyers read when it does not.
    pub inactive_message: Option<Name>,
    /// Whether its sessions are tests.
    pub test_mode: bool,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A link with the shop behind it: all that opening a session must know, in one row.
#[derive(Clone, Debug, QueryableByName)]
pub struct PublicLink {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The shop's name.
    #[diesel(sql_type = Text)]
    pub checkout_name: Name,
    /// The shop's slug.
    #[diesel(sql_type = Text)]
    pub checkout_slug: Slug,
    /// Whether the shop takes orders.
    #[diesel(sql_type = Text)]
    pub checkout_status: CheckoutStatus,
    /// What it sells in unless asked otherwise.
    #[diesel(sql_type = Text)]
    pub default_currency: Currency,
    /// What it speaks unless asked otherwise.
    #[diesel(sql_type = Text)]
    pub default_locale: Locale,
    /// Whether prices include VAT.
    #[diesel(sql_type = Bool)]
    pub prices_include_tax: bool,
    /// Where the seller is established.
    #[diesel(sql_type = Text)]
    pub seller_country: Country,
    /// Registered for VAT there.
    #[diesel(sql_type = Bool)]
    pub vat_registered: bool,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    #[diesel(sql_type = Bool)]
    pub union_oss: bool,
    /// The link.
    #[diesel(sql_type = SqlUuid)]
    pub link_id: LinkId,
    /// Its slug.
    #[diesel(sql_type = Text)]
    pub link_slug: Slug,
    /// Where its buyers come from.
    #[diesel(sql_type = Nullable<Text>)]
    pub source: Option<Label>,
    /// The merchant's own words.
    #[diesel(sql_type = Array<Text>)]
    pub tags: Vec<String>,
    /// Whether it opens sessions.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// What buyers read when it does not.
    #[diesel(sql_type = Nullable<Text>)]
    pub inactive_message: Option<Name>,
    /// Whether its sessions are tests.
    #[diesel(sql_type = Bool)]
    pub test_mode: bool,
    /// The offer.
    #[diesel(sql_type = SqlUuid)]
    pub offer_id: OfferId,
    /// What buyers see.
    #[diesel(sql_type = Text)]
    pub offer_title: Name,
    /// What it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub offer_description: Option<Description>,
    /// Where the buyer goes after paying.
    #[diesel(sql_type = Nullable<Text>)]
    pub success_url: Option<String>,
}

impl PublicLink {
    /// What the seller states about itself.
    pub fn seller(&self) -> Seller {
        Seller::new(self.seller_country, self.vat_registered, self.union_oss)
    }
}
