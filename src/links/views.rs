//! What clients send and see of links; and the face a link shows to buyers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::Link;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{LinkId, OfferId, OfferItemId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Description, Label, Metadata, Name, Slug};

/// A new link.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkInput {
    /// What the merchant calls it.
    pub name: Name,
    /// The offer it leads to.
    pub offer_id: OfferId,
    /// Its part of the public address; a random one is made when absent.
    pub slug: Option<Slug>,
    /// Where its buyers come from.
    pub source: Option<Label>,
    /// The merchant's own words, on every order that comes this way.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 tags"))]
    #[schema(max_items = 20)]
    pub tags: Vec<Label>,
    /// Whether it opens sessions (default true).
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
    /// What buyers read when it does not.
    pub inactive_message: Option<Name>,
    /// Whether its sessions are tests.
    #[serde(default)]
    #[schema(default = false)]
    pub test_mode: bool,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

fn yes() -> bool {
    true
}

/// A change of a link (JSON Merge Patch).
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkPatch {
    /// What the merchant calls it.
    #[serde(default)]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// Where its buyers come from; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub source: Patch<Label>,
    /// The merchant's own words, replaced whole.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 tags"))]
    #[schema(required = false, max_items = 20)]
    pub tags: Option<Vec<Label>>,
    /// Whether it opens sessions.
    #[serde(default)]
    #[schema(required = false)]
    pub active: Option<bool>,
    /// What buyers read when it does not; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Name>, required = false)]
    pub inactive_message: Patch<Name>,
    /// The merchant's own pairs, replaced whole.
    #[serde(default)]
    #[schema(required = false)]
    pub metadata: Option<Metadata>,
}

/// A shareable way to one offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CheckoutLink)]
pub struct LinkView {
    /// The link.
    pub id: LinkId,
    /// The offer it leads to.
    pub offer_id: OfferId,
    /// What the merchant calls it.
    pub name: Name,
    /// Its part of the public address.
    pub slug: Slug,
    /// The public address, when the checkout has a storefront.
    #[schema(format = "uri", example = "https://shop.example.com/spring-course")]
    pub url: Option<String>,
    /// Where its buyers come from.
    pub source: Option<Label>,
    /// The merchant's own words.
    #[schema(example = json!(["spring"]))]
    pub tags: Vec<String>,
    /// Whether it opens sessions.
    pub active: bool,
    /// What buyers read when it does not.
    pub inactive_message: Option<Name>,
    /// Whether its sessions are tests.
    pub test_mode: bool,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl LinkView {
    /// The view of a link of a checkout with this storefront.
    pub fn of(row: Link, storefront_url: Option<&str>) -> Self {
        Self {
            id: row.id,
            offer_id: row.offer_id,
            name: row.name,
            url: storefront_url.map(|base| format!("{}/{}", base.trim_end_matches('/'), row.slug)),
            slug: row.slug,
            source: row.source,
            tags: row.tags,
            active: row.active,
            inactive_message: row.inactive_message,
            test_mode: row.test_mode,
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// An offer as a buyer sees it, before opening a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicLink)]
pub struct PublicLinkView {
    /// The shop.
    pub checkout: PublicCheckoutView,
    /// The slug of the link.
    pub slug: Slug,
    /// Whether its sessions are tests.
    pub test_mode: bool,
    /// The offer's title.
    pub title: Name,
    /// What it is.
    pub description: Option<Description>,
    /// What is sold.
    pub items: Vec<PublicItemView>,
}

/// The shop's public face.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicCheckout)]
pub struct PublicCheckoutView {
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
    /// What it sells in unless asked otherwise.
    pub default_currency: Currency,
    /// What it speaks unless asked otherwise.
    pub default_locale: Locale,
    /// Whether prices include VAT.
    pub prices_include_tax: bool,
}

/// A product of the offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicItem)]
pub struct PublicItemView {
    /// The item.
    pub id: OfferItemId,
    /// What it is called.
    pub name: Name,
    /// How many unless the buyer says otherwise.
    #[schema(example = 1)]
    pub quantity: i32,
    /// What one costs, per currency.
    pub prices: Vec<PublicPriceView>,
}

/// A price a buyer sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicPrice)]
pub struct PublicPriceView {
    /// The currency.
    pub currency: Currency,
    /// What one costs, in minor units.
    #[schema(example = 3900)]
    pub unit_amount: i64,
    /// The price before the discount, struck through.
    #[schema(example = 4900)]
    pub original_unit_amount: Option<i64>,
}
