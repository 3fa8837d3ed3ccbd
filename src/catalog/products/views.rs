//! What clients send and see of products.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{CatalogStatus, Price, ProductDetail, ProductType, Variant, VatType};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Description, Metadata, Name};

/// A new product.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductInput {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub product_type: ProductType,
    /// How it is taxed.
    pub vat_type: VatType,
    /// What it costs, per currency.
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(max_items = 50)]
    #[serde(default)]
    pub prices: Vec<PriceBody>,
    /// Its variants; a default one is made when there are none.
    #[validate(nested, length(max = 100, message = "at most 100 variants"))]
    #[schema(max_items = 100)]
    #[serde(default)]
    pub variants: Vec<VariantInput>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A price in one currency.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Price)]
#[validate(schema(function = "discounted_is_lower"))]
pub struct PriceBody {
    /// The currency.
    pub currency: Currency,
    /// Minor units, per unit.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99999999999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 4900)]
    pub amount: i64,
    /// A lower price that is paid instead; the buyer sees `amount` struck through.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99999999999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 3900)]
    pub discounted_amount: Option<i64>,
}

/// A new variant.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantInput {
    /// Its name.
    pub name: Name,
}

fn one_price_per_currency(prices: &[PriceBody]) -> Result<(), ValidationError> {
    let mut seen = std::collections::HashSet::new();
    if prices.iter().all(|price| seen.insert(price.currency)) {
        Ok(())
    } else {
        Err(ValidationError::new("duplicate_currency").with_message("each currency at most once".into()))
    }
}

fn discounted_is_lower(price: &PriceBody) -> Result<(), ValidationError> {
    match price.discounted_amount {
        Some(discounted) if discounted >= price.amount => {
            Err(ValidationError::new("not_lower").with_message("discounted_amount must be lower than amount".into()))
        }
        _ => Ok(()),
    }
}

/// A change of a product (JSON Merge Patch).
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    /// Its name.
    #[serde(default)]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// What it is; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub description: Patch<Description>,
    /// The merchant's own pairs, replaced whole.
    #[serde(default)]
    #[schema(required = false)]
    pub metadata: Option<Metadata>,
}

/// What is delivered.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductView {
    /// The product.
    pub id: ProductId,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub product_type: ProductType,
    /// How it is taxed.
    pub vat_type: VatType,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// What it costs, per currency.
    pub prices: Vec<PriceBody>,
    /// Its variants, at least one.
    pub variants: Vec<VariantView>,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// A variant of a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Variant)]
pub struct VariantView {
    /// The variant.
    pub id: VariantId,
    /// Its name.
    pub name: Name,
    /// Its place among the variants.
    #[schema(example = 0)]
    pub sort: i32,
    /// Whether it is in use.
    pub status: CatalogStatus,
}

impl From<Variant> for VariantView {
    fn from(row: Variant) -> Self {
        Self {
            id: row.id,
            name: row.name,
            sort: row.sort,
            status: row.status,
        }
    }
}

impl From<Price> for PriceBody {
    fn from(row: Price) -> Self {
        Self {
            currency: row.currency,
            amount: row.amount,
            discounted_amount: row.discounted_amount,
        }
    }
}

impl From<ProductDetail> for ProductView {
    fn from(detail: ProductDetail) -> Self {
        let row = detail.product;
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            product_type: row.product_type,
            vat_type: row.vat_type,
            status: row.status,
            prices: detail.prices.into_iter().map(Into::into).collect(),
            variants: detail.variants.into_iter().map(Into::into).collect(),
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
