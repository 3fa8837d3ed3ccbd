//! Rows of links, and what a link opens.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};

use super::options::{CheckoutData, CheckoutOptions, Prefilled, ProductOptions};
use crate::catalog::products::model::CatalogStatus;
use crate::db::schema::checkout_links;
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, LinkId, OfferId, VariantId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Label, Name, Slug};
use crate::organizations::model::UnverifiedVat;
use crate::pricing::tax::{self, Seller};
use crate::word_enum;

word_enum! {
    /// How a link is reached, and whose values win.
    pub enum LinkKind in "checkout_links.kind" {
        /// By its slug; what its address carries is the buyer's.
        Permanent = "permanent",
        /// By a signed address only; the merchant's values win.
        Custom = "custom",
    }
}

/// A link.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = checkout_links)]
pub struct Link {
    /// The link.
    pub id: LinkId,
    /// The offer it leads to.
    pub offer_id: OfferId,
    /// How it is reached.
    pub kind: LinkKind,
    /// What the merchant calls it.
    pub name: Name,
    /// Its part of the public address; of a custom link, a random one that opens nothing.
    pub slug: Slug,
    /// Where its buyers come from.
    pub source: Option<Label>,
    /// The merchant's own words.
    pub tags: Vec<String>,
    /// Whether it opens sessions.
    pub active: bool,
    /// What buyers read when it does not.
    pub inactive_message: Option<Name>,
    /// When it stops opening sessions.
    pub expires_at: Option<Instant>,
    /// Whether its sessions are tests.
    pub test_mode: bool,
    /// The merchant's own id of it.
    pub external_id: Option<Label>,
    /// The variant it is about.
    pub variant_id: Option<VariantId>,
    /// The currency it is about.
    pub currency: Option<Currency>,
    /// What one of its variant costs, in its currency alone.
    pub custom_price: Option<i64>,
    /// What it says of the product.
    pub product_options: Option<serde_json::Value>,
    /// How its page looks.
    pub checkout_options: Option<serde_json::Value>,
    /// What it fills in.
    pub checkout_data: Option<serde_json::Value>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// How many orders it may make.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub max_orders: Option<i64>,
    /// How many it has made.
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    /// How many sessions were opened from it.
    #[diesel(sql_type = BigInt)]
    pub sessions: i64,
}

impl Link {
    /// What it asks for.
    pub fn terms(&self) -> LinkTerms {
        LinkTerms {
            kind: self.kind,
            variant_id: self.variant_id,
            currency: self.currency,
            custom_price: self.custom_price,
            product_options: parsed(self.product_options.as_ref()),
            checkout_options: parsed(self.checkout_options.as_ref()),
            checkout_data: parsed(self.checkout_data.as_ref()),
        }
    }
}

/// What a link asks for: whose values win, and the values.
#[derive(Clone, Debug)]
pub struct LinkTerms {
    /// Whose values win.
    pub kind: LinkKind,
    /// The variant it is about.
    pub variant_id: Option<VariantId>,
    /// The currency it is about.
    pub currency: Option<Currency>,
    /// What one of its variant costs.
    pub custom_price: Option<i64>,
    /// What it says of the product.
    pub product_options: ProductOptions,
    /// How its page looks.
    pub checkout_options: CheckoutOptions,
    /// What it fills in.
    pub checkout_data: CheckoutData,
}

impl LinkTerms {
    /// Those of no link: the offer as it stands, and the buyer's wishes.
    pub fn none() -> Self {
        Self {
            kind: LinkKind::Permanent,
            variant_id: None,
            currency: None,
            custom_price: None,
            product_options: ProductOptions::default(),
            checkout_options: CheckoutOptions::default(),
            checkout_data: CheckoutData::default(),
        }
    }

    /// Whether a part of what it fills in is not the buyer's to change.
    pub fn locks(&self, part: Prefilled) -> bool {
        self.checkout_data.locked.contains(&part)
    }
}

/// From the database's form; anything unexpected reads as empty rather than failing a sale.
fn parsed<T: serde::de::DeserializeOwned + Default>(value: Option<&serde_json::Value>) -> T {
    value
        .and_then(|value| serde_json::from_value(value.clone()).ok())
        .unwrap_or_default()
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
    /// Its VAT registrations elsewhere.
    #[diesel(sql_type = Jsonb)]
    pub registrations: serde_json::Value,
    /// What it charges businesses whose number could not be checked.
    #[diesel(sql_type = Text)]
    pub unverified_vat: UnverifiedVat,
    /// How long a code is held without activity, in seconds.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub hold_seconds: i32,
    /// How long it is held for a payment, in seconds.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub payment_hold_seconds: i32,
    /// How many codes one network address may hold without an e-mail address.
    #[diesel(sql_type = Nullable<diesel::sql_types::Integer>)]
    pub max_holds_per_address: Option<i32>,
    /// How it is paid, in the form that the room of payments reads.
    #[diesel(sql_type = Jsonb)]
    pub payment_methods: serde_json::Value,
    /// Where the shop sells from: where its services take place unless a product says otherwise.
    #[diesel(sql_type = Text)]
    pub checkout_country: Country,
    /// The link.
    #[diesel(sql_type = SqlUuid)]
    pub link_id: LinkId,
    /// How it is reached.
    #[diesel(sql_type = Text)]
    pub kind: LinkKind,
    /// Its slug.
    #[diesel(sql_type = Text)]
    pub link_slug: Slug,
    /// What it is called in a system of the merchant's.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<Label>,
    /// Where its buyers come from.
    #[diesel(sql_type = Nullable<Text>)]
    pub source: Option<Label>,
    /// The merchant's own words.
    #[diesel(sql_type = Array<Text>)]
    pub tags: Vec<String>,
    /// Whether it opens sessions: switched on and not archived, and neither is its offer.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// Whether its time is over.
    #[diesel(sql_type = Bool)]
    pub expired: bool,
    /// Whether it has made all the orders it may.
    #[diesel(sql_type = Bool)]
    pub used_up: bool,
    /// Whether it makes a limited number of orders.
    #[diesel(sql_type = Bool)]
    pub limited: bool,
    /// What buyers read when it opens no session.
    #[diesel(sql_type = Nullable<Text>)]
    pub inactive_message: Option<Name>,
    /// When it stops opening sessions.
    #[diesel(sql_type = Nullable<diesel::sql_types::Timestamptz>)]
    pub expires_at: Option<Instant>,
    /// Whether its sessions are tests.
    #[diesel(sql_type = Bool)]
    pub test_mode: bool,
    /// The variant it is about.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub variant_id: Option<VariantId>,
    /// The currency it is about.
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<Currency>,
    /// What one of its variant costs.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub custom_price: Option<i64>,
    /// What it says of the product.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub product_options: Option<serde_json::Value>,
    /// How its page looks.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub checkout_options: Option<serde_json::Value>,
    /// What it fills in.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub checkout_data: Option<serde_json::Value>,
    /// The offer.
    #[diesel(sql_type = SqlUuid)]
    pub offer_id: OfferId,
    /// What buyers see.
    #[diesel(sql_type = Text)]
    pub offer_title: Name,
    /// What it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub offer_description: Option<Description>,
    /// Pictures of it.
    #[diesel(sql_type = Array<Text>)]
    pub offer_image_urls: Vec<String>,
    /// Its texts in other languages.
    #[diesel(sql_type = Jsonb)]
    pub offer_translations: serde_json::Value,
    /// Where the buyer goes after paying: where the link says, else where the offer does.
    #[diesel(sql_type = Nullable<Text>)]
    pub success_url: Option<String>,
}

/// What a seller states about itself, in the words of the tax rules; `registrations` are those in other countries.
pub fn seller(
    country: Country,
    vat_registered: bool,
    union_oss: bool,
    registrations: &serde_json::Value,
    unverified_vat: UnverifiedVat,
) -> Seller {
    let list = registrations.as_array().into_iter().flatten();
    Seller {
        registrations: list
            .filter_map(|registration| registration["country"].as_str()?.parse().ok())
            .collect(),
        unverified_vat: match unverified_vat {
            UnverifiedVat::Charge => tax::UnverifiedVat::Charge,
            UnverifiedVat::ReverseCharge => tax::UnverifiedVat::ReverseCharge,
        },
        ..Seller::new(country, vat_registered, union_oss)
    }
}

impl PublicLink {
    /// What the seller states about itself.
    pub fn seller(&self) -> Seller {
        seller(
            self.seller_country,
            self.vat_registered,
            self.union_oss,
            &self.registrations,
            self.unverified_vat,
        )
    }

    /// What it asks for.
    pub fn terms(&self) -> LinkTerms {
        LinkTerms {
            kind: self.kind,
            variant_id: self.variant_id,
            currency: self.currency,
            custom_price: self.custom_price,
            product_options: parsed(self.product_options.as_ref()),
            checkout_options: parsed(self.checkout_options.as_ref()),
            checkout_data: parsed(self.checkout_data.as_ref()),
        }
    }
}
