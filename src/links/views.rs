//! What staff send and see of links.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::model::{Link, LinkKind};
use super::options::{CheckoutData, CheckoutOptions, ProductOptions};
use super::signed::sign;
use crate::catalog::products::model::CatalogStatus;
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{LinkId, OfferId, VariantId};
use crate::kernel::moment::Moment;
use crate::kernel::money::Currency;
use crate::kernel::patch::{Patch, present};
use crate::kernel::secret::Keyring;
use crate::kernel::text::{Label, Metadata, Name, Slug};

/// A new link. Without a slug, and with something to override, to fill in, an end or a limit, it is a custom link: reached by its signed
/// `url` only.
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
    /// The variant it is about.
    pub variant_id: Option<VariantId>,
    /// The currency it is about; the checkout's default when absent.
    pub currency: Option<Currency>,
    /// Whether it opens sessions (default true).
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
    /// What buyers read when it does not.
    pub inactive_message: Option<Name>,
    /// When it stops opening sessions.
    pub expires_at: Option<Moment>,
    /// How many orders it may make; 1 for a link that works once.
    #[validate(range(min = 1, max = 1_000_000_000, message = "must be 1 to 1000000000"))]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    pub max_orders: Option<i64>,
    /// Whether its sessions are tests.
    #[serde(default)]
    #[schema(default = false)]
    pub test_mode: bool,
    /// The merchant's own id of it.
    pub external_id: Option<Label>,
    /// What one of its variant (else of the first item) costs, in minor units of `currency`, which it then needs and sells in alone.
    /// That item is then sold as this variant only.
    #[validate(range(min = 1, max = 99_999_999_999_i64, message = "must be 1 to 99999999999"))]
    #[schema(minimum = 1, maximum = 99_999_999_999_i64, example = 2500)]
    pub custom_price: Option<i64>,
    /// What it says of the product.
    #[validate(nested)]
    pub product_options: Option<ProductOptions>,
    /// How its page looks.
    #[validate(nested)]
    pub checkout_options: Option<CheckoutOptions>,
    /// What it fills in.
    #[validate(nested)]
    pub checkout_data: Option<CheckoutData>,
    /// Whether the answer has a `preview` of the totals (default false).
    #[serde(default)]
    #[schema(default = false)]
    pub preview: bool,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

fn yes() -> bool {
    true
}

/// A change of a link (JSON Merge Patch). Slug, offer and test mode cannot be changed.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkPatch {
    /// What the merchant calls it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// Where its buyers come from; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub source: Patch<Label>,
    /// The merchant's own words, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(length(max = 20, message = "at most 20 tags"))]
    #[schema(value_type = Vec<Label>, required = false, max_items = 20)]
    pub tags: Option<Vec<Label>>,
    /// The variant it is about; null clears.
    #[serde(default)]
    #[schema(value_type = Option<VariantId>, required = false)]
    pub variant_id: Patch<VariantId>,
    /// The currency it is about; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Currency>, required = false)]
    pub currency: Patch<Currency>,
    /// Whether it opens sessions.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pub active: Option<bool>,
    /// What buyers read when it does not; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Name>, required = false)]
    pub inactive_message: Patch<Name>,
    /// When it stops opening sessions; null clears. A custom link's address has the end it was made with: take the new `url`.
    #[serde(default)]
    #[schema(value_type = Option<Moment>, required = false)]
    pub expires_at: Patch<Moment>,
    /// How many orders it may make, those made counted; null clears.
    #[serde(default)]
    #[validate(custom(function = "limit"))]
    #[schema(value_type = Option<i64>, required = false, minimum = 1, maximum = 1_000_000_000, example = 1)]
    pub max_orders: Patch<i64>,
    /// The merchant's own id of it; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub external_id: Patch<Label>,
    /// What one of its variant costs; null clears.
    #[serde(default)]
    #[validate(custom(function = "amount"))]
    #[schema(value_type = Option<i64>, required = false, minimum = 1, maximum = 99_999_999_999_i64, example = 2500)]
    pub custom_price: Patch<i64>,
    /// What it says of the product, merged; null clears.
    #[serde(default)]
    #[schema(value_type = Option<ProductOptions>, required = false)]
    pub product_options: Merge<ProductOptions>,
    /// How its page looks, merged; null clears.
    #[serde(default)]
    #[schema(value_type = Option<CheckoutOptions>, required = false)]
    pub checkout_options: Merge<CheckoutOptions>,
    /// What it fills in, merged; null clears.
    #[serde(default)]
    #[schema(value_type = Option<CheckoutData>, required = false)]
    pub checkout_data: Merge<CheckoutData>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
}

fn within(patch: &Patch<i64>, most: i64) -> Result<(), validator::ValidationError> {
    match patch {
        Patch::Value(value) if !(1..=most).contains(value) => {
            Err(validator::ValidationError::new("range").with_message(format!("must be 1 to {most}").into()))
        }
        _ => Ok(()),
    }
}

fn limit(patch: &Patch<i64>) -> Result<(), validator::ValidationError> {
    within(patch, 1_000_000_000)
}

fn amount(patch: &Patch<i64>) -> Result<(), validator::ValidationError> {
    within(patch, crate::kernel::money::MAX_AMOUNT)
}

impl LinkPatch {
    /// Whether it touches what must fit the offer.
    pub fn changes_terms(&self) -> bool {
        self.variant_id != Patch::Absent
            || self.currency != Patch::Absent
            || self.custom_price != Patch::Absent
            || !self.product_options.is_absent()
            || !self.checkout_data.is_absent()
    }
}

/// What makes an address: the storefront of the checkout, and the keys that sign.
pub struct Address<'a> {
    /// Where the storefront is.
    pub storefront: Option<&'a str>,
    /// The keys.
    pub keys: &'a Keyring,
}

/// A shareable way to one offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CheckoutLink)]
pub struct LinkView {
    /// The link.
    pub id: LinkId,
    /// How it is reached: `permanent` by its slug, `custom` by its signed address only.
    pub kind: LinkKind,
    /// The offer it leads to.
    pub offer_id: OfferId,
    /// What the merchant calls it.
    pub name: Name,
    /// Its part of the public address; a custom link has none.
    pub slug: Option<Slug>,
    /// The public address, when the checkout has a storefront. `{storefront}/{slug}`; of a custom link
    /// `{storefront}/c/{id}?expires={unix}&signature={hex}`, where `expires` is 0 when it does not end.
    #[schema(format = "uri", example = "https://shop.example.com/spring-course")]
    pub url: Option<String>,
    /// Of a custom link: `id.expires.signature`, what the storefront routes take.
    #[schema(example = "lnk_01jd5wq0zsfa2tq4n9v8kx3m7h.1798120800.019f86d0")]
    pub token: Option<String>,
    /// Where its buyers come from.
    pub source: Option<Label>,
    /// The merchant's own words.
    #[schema(example = json!(["spring"]))]
    pub tags: Vec<String>,
    /// The variant it is about.
    pub variant_id: Option<VariantId>,
    /// The currency it is about.
    pub currency: Option<Currency>,
    /// Whether it opens sessions.
    pub active: bool,
    /// What buyers read when it does not.
    pub inactive_message: Option<Name>,
    /// When it stops opening sessions.
    #[schema(format = DateTime, example = "2026-12-24T12:00:00.000Z")]
    pub expires_at: Option<String>,
    /// How many orders it may make.
    #[schema(example = 1)]
    pub max_orders: Option<i64>,
    /// Whether its sessions are tests.
    pub test_mode: bool,
    /// The merchant's own id of it.
    pub external_id: Option<Label>,
    /// What one of its variant costs, in minor units of `currency`.
    #[schema(example = 2500)]
    pub custom_price: Option<i64>,
    /// What it says of the product.
    pub product_options: Option<ProductOptions>,
    /// How its page looks.
    pub checkout_options: Option<CheckoutOptions>,
    /// What it fills in.
    pub checkout_data: Option<CheckoutData>,
    /// What it comes to; in the answer that made it, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub preview: Option<PreviewView>,
    /// What came of it.
    pub stats: LinkStats,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// What came of a link.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LinkStats {
    /// Sessions that were opened from it.
    #[schema(example = 120)]
    pub sessions: i64,
    /// Orders that were confirmed from it and not taken back.
    #[schema(example = 14)]
    pub orders: i64,
}

/// What a link comes to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LinkPreview)]
pub struct PreviewView {
    /// The currency of the amounts.
    pub currency: Currency,
    /// How many units of the reporting currency one unit is worth.
    #[schema(example = "1.0831")]
    pub currency_rate: Option<String>,
    /// Whether that rate is older than four days, or from the table in the program because no newer one was imported.
    #[schema(example = false)]
    pub currency_rate_stale: Option<bool>,
    /// Sum of the lines, in minor units.
    #[schema(example = 3900)]
    pub subtotal: i64,
    /// What is taken off.
    #[schema(example = 0)]
    pub discount_total: i64,
    /// The tax.
    #[schema(example = 792)]
    pub tax: i64,
    /// What there is to pay.
    #[schema(example = 3900)]
    pub total: i64,
    /// The subtotal in US dollars.
    #[schema(example = 4224)]
    pub subtotal_usd: Option<i64>,
    /// What is taken off, in US dollars.
    #[schema(example = 0)]
    pub discount_total_usd: Option<i64>,
    /// The tax in US dollars.
    #[schema(example = 858)]
    pub tax_usd: Option<i64>,
    /// What there is to pay, in US dollars.
    #[schema(example = 4224)]
    pub total_usd: Option<i64>,
    /// The subtotal as people read it.
    #[schema(example = "€39.00")]
    pub subtotal_formatted: Option<String>,
    /// What is taken off, as people read it.
    #[schema(example = "€0.00")]
    pub discount_total_formatted: Option<String>,
    /// The tax as people read it.
    #[schema(example = "€7.92")]
    pub tax_formatted: Option<String>,
    /// What there is to pay, as people read it.
    #[schema(example = "€39.00")]
    pub total_formatted: Option<String>,
}

fn parsed<T: serde::de::DeserializeOwned>(value: Option<Value>) -> Option<T> {
    value.and_then(|value| serde_json::from_value(value).ok())
}

impl LinkView {
    /// The view of a link.
    pub fn of(row: Link, address: &Address<'_>) -> Self {
        let signed = match row.kind {
            LinkKind::Permanent => None,
            LinkKind::Custom => Some(sign(address.keys, row.id, row.expires_at)),
        };
        let url = address.storefront.map(|base| match &signed {
            Some(signed) => signed.url(base),
            None => format!("{}/{}", base.trim_end_matches('/'), row.slug),
        });
        Self {
            id: row.id,
            kind: row.kind,
            offer_id: row.offer_id,
            name: row.name,
            url,
            slug: signed.is_none().then_some(row.slug),
            token: signed.map(|signed| signed.token()),
            source: row.source,
            tags: row.tags,
            variant_id: row.variant_id,
            currency: row.currency,
            active: row.active,
            inactive_message: row.inactive_message,
            expires_at: row.expires_at.as_ref().map(rfc3339),
            max_orders: row.max_orders,
            test_mode: row.test_mode,
            external_id: row.external_id,
            custom_price: row.custom_price,
            product_options: parsed(row.product_options),
            checkout_options: parsed(row.checkout_options),
            checkout_data: parsed(row.checkout_data),
            preview: None,
            stats: LinkStats {
                sessions: row.sessions,
                orders: row.orders,
            },
            status: row.status,
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
