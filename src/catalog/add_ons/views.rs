//! What clients send and see of add-ons.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{AddOnDetail, AddOnKind};
use crate::catalog::prices::views::{PriceInput, PriceView, one_price_per_currency};
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::texts::{QuantityBody, Texts, Translations, few_languages, from_json};
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{AddOnId, ProductId, VariantId};
use crate::kernel::patch::{Patch, present};
use crate::kernel::text::{Description, Name, web_address};

/// A new add-on.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOnInput {
    /// What it does: an extra line, or an upgrade that replaces a product of the offer.
    pub kind: AddOnKind,
    /// What it sells.
    pub variant_id: VariantId,
    /// Of an upgrade: the product it replaces.
    pub replaces_product_id: Option<ProductId>,
    /// What buyers see.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// A picture of it; https.
    #[validate(custom(function = "web_address"))]
    #[schema(format = "uri", max_length = 2048, example = "https://shop.example.com/book.jpg")]
    pub image_url: Option<String>,
    /// What it costs, in currencies in which it does not cost what the variant does.
    #[serde(default)]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(max_items = 50)]
    pub prices: Vec<PriceInput>,
    /// How many a buyer may take.
    #[serde(default)]
    #[validate(nested)]
    pub quantity: QuantityBody,
    /// Its texts in other languages.
    #[serde(default)]
    #[validate(custom(function = "few_languages"))]
    #[schema(value_type = BTreeMap<String, Texts>, example = json!({"fi": {"name": "Kirja"}}))]
    pub translations: Translations<Texts>,
}

/// A change of an add-on (JSON Merge Patch).
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOnPatch {
    /// What it does.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = AddOnKind, required = false)]
    pub kind: Option<AddOnKind>,
    /// What it sells.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = VariantId, required = false)]
    pub variant_id: Option<VariantId>,
    /// Of an upgrade: the product it replaces; null clears.
    #[serde(default)]
    #[schema(value_type = Option<ProductId>, required = false)]
    pub replaces_product_id: Patch<ProductId>,
    /// What buyers see.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// What it is; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub description: Patch<Description>,
    /// A picture of it; null clears.
    #[serde(default)]
    #[validate(custom(function = "patched_address"))]
    #[schema(value_type = Option<String>, required = false, format = "uri", max_length = 2048, example = "https://shop.example.com/book.jpg")]
    pub image_url: Patch<String>,
    /// What it costs, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(value_type = Vec<PriceInput>, required = false, max_items = 50)]
    pub prices: Option<Vec<PriceInput>>,
    /// How many a buyer may take, merged.
    #[serde(default)]
    #[schema(value_type = QuantityBody, required = false)]
    pub quantity: Merge<QuantityBody>,
    /// Its texts in other languages, merged: null removes a text, a language, or all.
    #[serde(default)]
    #[schema(required = false, value_type = Option<BTreeMap<String, Texts>>, example = json!({"fi": {"name": "Kirja"}}))]
    pub translations: Merge<Translations<Texts>>,
    /// Whether it is in use: offers show it no longer while it is archived.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CatalogStatus, required = false)]
    pub status: Option<CatalogStatus>,
}

/// An address that a patch sets.
pub fn patched_address(patch: &Patch<String>) -> Result<(), ValidationError> {
    match patch {
        Patch::Value(address) => web_address(address),
        Patch::Absent | Patch::Null => Ok(()),
    }
}

/// An extra sale.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AddOn)]
pub struct AddOnView {
    /// The add-on.
    pub id: AddOnId,
    /// What it does.
    pub kind: AddOnKind,
    /// What it sells.
    pub variant_id: VariantId,
    /// Of an upgrade: the product it replaces.
    pub replaces_product_id: Option<ProductId>,
    /// What buyers see.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// A picture of it.
    #[schema(format = "uri", example = "https://shop.example.com/book.jpg")]
    pub image_url: Option<String>,
    /// Its own prices; in other currencies it costs what the variant does.
    pub prices: Vec<PriceView>,
    /// How many a buyer may take.
    pub quantity: QuantityBody,
    /// Its texts in other languages.
    #[schema(value_type = BTreeMap<String, Texts>, example = json!({"fi": {"name": "Kirja"}}))]
    pub translations: Translations<Texts>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<AddOnDetail> for AddOnView {
    fn from(detail: AddOnDetail) -> Self {
        let row = detail.add_on;
        Self {
            id: row.id,
            kind: row.kind,
            variant_id: row.variant_id,
            replaces_product_id: row.replaces_product_id,
            name: row.name,
            description: row.description,
            image_url: row.image_url,
            prices: detail.prices.into_iter().map(Into::into).collect(),
            quantity: QuantityBody {
                default: row.quantity_default,
                min: row.quantity_min,
                max: row.quantity_max,
            },
            translations: from_json(row.translations),
            status: row.status,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
