//! What clients send and see of offers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{OfferDetail, OfferItem};
use crate::catalog::products::model::CatalogStatus;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{OfferId, OfferItemId, ProductId};
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
    /// Where the buyer goes after paying; https.
    #[validate(custom(function = "web_address"))]
    #[schema(format = "uri", max_length = 2048, example = "https://shop.example.com/thanks")]
    pub success_url: Option<String>,
    /// What is sold, at least one product.
    #[validate(nested, length(min = 1, max = 50, message = "must have 1 to 50 items"))]
    #[schema(min_items = 1, max_items = 50)]
    pub items: Vec<OfferItemInput>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A product in a new offer.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferItemInput {
    /// The product.
    pub product_id: ProductId,
    /// What it is called here, instead of the product's name.
    pub name: Option<Name>,
    /// How many a buyer may take.
    #[serde(default)]
    #[validate(nested)]
    pub quantity: QuantityBody,
}

/// How many a buyer may take.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Quantity)]
#[validate(schema(function = "ordered"))]
pub struct QuantityBody {
    /// Unless the buyer says otherwise.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub default: i32,
    /// At least.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub min: i32,
    /// At most.
    #[schema(minimum = 1, maximum = 100_000, example = 10)]
    pub max: i32,
}

impl Default for QuantityBody {
    fn default() -> Self {
        Self {
            default: 1,
            min: 1,
            max: 1,
        }
    }
}

fn ordered(quantity: &QuantityBody) -> Result<(), ValidationError> {
    let QuantityBody { default, min, max } = *quantity;
    if 1 <= min && min <= default && default <= max && max <= 100_000 {
        Ok(())
    } else {
        Err(ValidationError::new("range").with_message("must hold 1 ≤ min ≤ default ≤ max ≤ 100000".into()))
    }
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
    /// Where the buyer goes after paying.
    #[schema(format = "uri", example = "https://shop.example.com/thanks")]
    pub success_url: Option<String>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// What is sold.
    pub items: Vec<OfferItemView>,
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
    /// What it is called here.
    pub name: Option<Name>,
    /// How many a buyer may take.
    pub quantity: QuantityBody,
}

impl From<OfferItem> for OfferItemView {
    fn from(row: OfferItem) -> Self {
        Self {
            id: row.id,
            product_id: row.product_id,
            name: row.name,
            quantity: QuantityBody {
                default: row.quantity_default,
                min: row.quantity_min,
                max: row.quantity_max,
            },
        }
    }
}

impl From<OfferDetail> for OfferView {
    fn from(detail: OfferDetail) -> Self {
        let row = detail.offer;
        Self {
            id: row.id,
            name: row.name,
            title: row.title,
            description: row.description,
            success_url: row.success_url,
            status: row.status,
            items: detail.items.into_iter().map(Into::into).collect(),
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
