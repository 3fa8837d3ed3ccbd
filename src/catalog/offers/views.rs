//! What clients send and see of offers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{OfferAddOn, OfferDetail, OfferItem};
use crate::catalog::add_ons::model::AddOnPosition;
use crate::catalog::add_ons::views::patched_address;
use crate::catalog::prices::model::{NewPrice, Price};
use crate::catalog::prices::views::not_lower;
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::texts::{OfferTexts, QuantityBody, Translations, few_languages, from_json, pictures};
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{AddOnId, OfferId, OfferItemId, ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::patch::{Patch, present};
use crate::kernel::places::each_once;
use crate::kernel::text::{Description, Metadata, Name, web_address};

/// A new offer.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferInput {
    /// What the merchant calls it.
    pub name: Name,
    /// What buyers see.
    pub title: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Pictures of it; https.
    #[serde(default)]
    #[validate(custom(function = "pictures"))]
    #[schema(max_items = 20, example = json!(["https://shop.example.com/offer.jpg"]))]
    pub image_urls: Vec<String>,
    /// Where the buyer goes after paying; https.
    #[validate(custom(function = "web_address"))]
    #[schema(format = "uri", max_length = 2048, example = "https://shop.example.com/thanks")]
    pub success_url: Option<String>,
    /// What is sold, at least one product.
    #[validate(nested, length(min = 1, max = 50, message = "must have 1 to 50 items"))]
    #[schema(min_items = 1, max_items = 50)]
    pub items: Vec<OfferItemInput>,
    /// What may be sold with it.
    #[serde(default)]
    #[validate(nested, length(max = 50, message = "at most 50 add-ons"))]
    #[schema(max_items = 50)]
    pub add_ons: Vec<OfferAddOnBody>,
    /// Its texts in other languages.
    #[serde(default)]
    #[validate(custom(function = "few_languages"))]
    #[schema(value_type = BTreeMap<String, OfferTexts>, example = json!({"fi": {"title": "Kurssi"}}))]
    pub translations: Translations<OfferTexts>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A product in an offer.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferItemInput {
    /// In a change: the item that is kept. Without it a new one is made.
    pub id: Option<OfferItemId>,
    /// The product.
    pub product_id: ProductId,
    /// The variants a buyer may choose from; all that are in use when absent or empty.
    #[validate(length(max = 100, message = "at most 100 variants"))]
    #[schema(max_items = 100)]
    pub variant_ids: Option<Vec<VariantId>>,
    /// What it is called here, instead of the product's name.
    pub name: Option<Name>,
    /// What it is, instead of the product's description.
    pub description: Option<Description>,
    /// What it costs here, in currencies in which it does not cost what the variant or the product does.
    #[validate(
        nested,
        length(max = 500, message = "at most 500 prices"),
        custom(function = "one_price_each")
    )]
    #[schema(max_items = 500)]
    pub prices: Option<Vec<OfferPriceInput>>,
    /// How many a buyer may take.
    #[serde(default)]
    #[validate(nested)]
    pub quantity: QuantityBody,
    /// Whether a buyer may leave it out (default false).
    #[serde(default)]
    #[schema(default = false)]
    pub optional: bool,
    /// Of an optional item: whether it is in the basket unless the buyer says otherwise (default true).
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub selected: bool,
}

fn yes() -> bool {
    true
}

/// What an item costs in one currency, for all its variants or for one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "discounted_is_lower"))]
pub struct OfferPriceInput {
    /// The one variant it is for; for all when absent.
    pub variant_id: Option<VariantId>,
    /// The currency.
    pub currency: Currency,
    /// Minor units, per unit.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99999999999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 4900)]
    pub amount: i64,
    /// A lower price that is paid instead.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99999999999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 3900)]
    pub discounted_amount: Option<i64>,
}

fn one_price_each(prices: &[OfferPriceInput]) -> Result<(), ValidationError> {
    each_once(
        prices,
        |price| (price.variant_id, price.currency),
        || ValidationError::new("duplicate_currency").with_message("each currency at most once per variant".into()),
    )
}

fn discounted_is_lower(price: &OfferPriceInput) -> Result<(), ValidationError> {
    match price.discounted_amount {
        Some(discounted) if discounted >= price.amount => Err(not_lower()),
        _ => Ok(()),
    }
}

impl From<OfferPriceInput> for NewPrice {
    fn from(input: OfferPriceInput) -> Self {
        Self {
            variant_id: input.variant_id,
            currency: input.currency,
            amount: input.amount,
            discounted_amount: input.discounted_amount,
        }
    }
}

/// An add-on that an offer carries.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferAddOn)]
pub struct OfferAddOnBody {
    /// The add-on.
    pub add_on_id: AddOnId,
    /// Where it is shown.
    pub position: AddOnPosition,
    /// Its place there, lowest first.
    #[serde(default)]
    #[validate(range(min = 0, max = 1_000_000, message = "must be 0 to 1000000"))]
    #[schema(minimum = 0, maximum = 1_000_000, example = 0)]
    pub sort: i32,
}

impl From<OfferAddOn> for OfferAddOnBody {
    fn from(row: OfferAddOn) -> Self {
        Self {
            add_on_id: row.add_on_id,
            position: row.position,
            sort: row.sort,
        }
    }
}

/// A change of an offer (JSON Merge Patch).
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferPatch {
    /// What the merchant calls it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// What buyers see.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub title: Option<Name>,
    /// What it is; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub description: Patch<Description>,
    /// Pictures of it, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(custom(function = "pictures"))]
    #[schema(value_type = Vec<String>, required = false, max_items = 20, example = json!(["https://shop.example.com/offer.jpg"]))]
    pub image_urls: Option<Vec<String>>,
    /// Where the buyer goes after paying; null clears.
    #[serde(default)]
    #[validate(custom(function = "patched_address"))]
    #[schema(value_type = Option<String>, required = false, format = "uri", max_length = 2048, example = "https://shop.example.com/thanks")]
    pub success_url: Patch<String>,
    /// What is sold, replaced whole; items that are sent with their id keep it.
    #[serde(default, deserialize_with = "present")]
    #[validate(nested, length(min = 1, max = 50, message = "must have 1 to 50 items"))]
    #[schema(value_type = Vec<OfferItemInput>, required = false, min_items = 1, max_items = 50)]
    pub items: Option<Vec<OfferItemInput>>,
    /// What may be sold with it, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(nested, length(max = 50, message = "at most 50 add-ons"))]
    #[schema(value_type = Vec<OfferAddOnBody>, required = false, max_items = 50)]
    pub add_ons: Option<Vec<OfferAddOnBody>>,
    /// Its texts in other languages, merged: null removes a text, a language, or all.
    #[serde(default)]
    #[schema(required = false, value_type = Option<BTreeMap<String, OfferTexts>>, example = json!({"fi": {"title": "Kurssi"}}))]
    pub translations: Merge<Translations<OfferTexts>>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
}

/// A sales package.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferView {
    /// The offer.
    pub id: OfferId,
    /// What the merchant calls it.
    pub name: Name,
    /// What buyers see.
    pub title: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Pictures of it.
    #[schema(example = json!(["https://shop.example.com/offer.jpg"]))]
    pub image_urls: Vec<String>,
    /// Where the buyer goes after paying.
    #[schema(format = "uri", example = "https://shop.example.com/thanks")]
    pub success_url: Option<String>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// What is sold.
    pub items: Vec<OfferItemView>,
    /// What may be sold with it.
    pub add_ons: Vec<OfferAddOnBody>,
    /// Its texts in other languages.
    #[schema(value_type = BTreeMap<String, OfferTexts>, example = json!({"fi": {"title": "Kurssi"}}))]
    pub translations: Translations<OfferTexts>,
    /// Currencies of the checkout, or of some item, in which it cannot be bought: an item that cannot be left out has no price.
    pub missing_currencies: Vec<Currency>,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// A product in an offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OfferItem)]
pub struct OfferItemView {
    /// The item.
    pub id: OfferItemId,
    /// The product.
    pub product_id: ProductId,
    /// The variants a buyer may choose from; null: all that are in use.
    pub variant_ids: Option<Vec<VariantId>>,
    /// What it is called here.
    pub name: Option<Name>,
    /// What it is, here.
    pub description: Option<Description>,
    /// Its own prices; in other currencies it costs what the variant or the product does.
    pub prices: Vec<OfferPriceView>,
    /// How many a buyer may take.
    pub quantity: QuantityBody,
    /// Whether a buyer may leave it out.
    pub optional: bool,
    /// Whether it is in the basket unless the buyer says otherwise.
    pub selected: bool,
}

/// What an item costs in one currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OfferPrice)]
pub struct OfferPriceView {
    /// The one variant it is for; null: for all.
    pub variant_id: Option<VariantId>,
    /// The currency.
    pub currency: Currency,
    /// Minor units, per unit.
    #[schema(example = 4900)]
    pub amount: i64,
    /// A lower price that is paid instead.
    #[schema(example = 3900)]
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before the discount began. Null without a discount, and when it was not sold before.
    #[schema(example = 4500)]
    pub lowest_amount_30_days: Option<i64>,
}

fn item_view(row: OfferItem, prices: &[Price]) -> OfferItemView {
    OfferItemView {
        id: row.id,
        product_id: row.product_id,
        variant_ids: (!row.variant_ids.is_empty()).then_some(row.variant_ids),
        name: row.name,
        description: row.description,
        prices: prices
            .iter()
            .filter(|price| price.owner_id == row.id.uuid())
            .map(|price| OfferPriceView {
                variant_id: price.variant_id,
                currency: price.currency,
                amount: price.amount,
                discounted_amount: price.discounted_amount,
                lowest_amount_30_days: price.lowest_amount_30_days,
            })
            .collect(),
        quantity: QuantityBody {
            default: row.quantity_default,
            min: row.quantity_min,
            max: row.quantity_max,
        },
        optional: row.optional,
        selected: row.selected,
    }
}

impl From<OfferDetail> for OfferView {
    fn from(detail: OfferDetail) -> Self {
        let row = detail.offer;
        let prices = detail.prices;
        Self {
            id: row.id,
            name: row.name,
            title: row.title,
            description: row.description,
            image_urls: row.image_urls,
            success_url: row.success_url,
            status: row.status,
            items: detail.items.into_iter().map(|item| item_view(item, &prices)).collect(),
            add_ons: detail.add_ons.into_iter().map(Into::into).collect(),
            translations: from_json(row.translations),
            missing_currencies: detail.missing_currencies,
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
