//! What clients send and see of variants.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::VariantDetail;
use crate::catalog::prices::views::{PriceInput, PriceView, one_price_per_currency};
use crate::catalog::products::model::CatalogStatus;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::VariantId;
use crate::kernel::patch::{Patch, present};
use crate::kernel::text::{Description, Name};

/// A new variant.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantInput {
    /// Its name.
    pub name: Name,
    /// What sets it apart.
    pub description: Option<Description>,
    /// What it costs, in currencies in which it does not cost what the product does.
    #[serde(default)]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(max_items = 50)]
    pub prices: Vec<PriceInput>,
    /// Its place among the variants, lowest first; the last when absent.
    #[validate(range(min = 0, max = 1_000_000, message = "must be 0 to 1000000"))]
    #[schema(minimum = 0, maximum = 1_000_000, example = 0)]
    pub sort: Option<i32>,
}

/// A change of a variant (JSON Merge Patch).
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPatch {
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// What sets it apart; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub description: Patch<Description>,
    /// What it costs, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(value_type = Vec<PriceInput>, required = false, max_items = 50)]
    pub prices: Option<Vec<PriceInput>>,
    /// Its place among the variants, lowest first.
    #[serde(default, deserialize_with = "present")]
    #[validate(range(min = 0, max = 1_000_000, message = "must be 0 to 1000000"))]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1_000_000, example = 0)]
    pub sort: Option<i32>,
    /// Whether it is in use.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CatalogStatus, required = false)]
    pub status: Option<CatalogStatus>,
}

/// A variant of a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Variant)]
pub struct VariantView {
    /// The variant.
    pub id: VariantId,
    /// Its name.
    pub name: Name,
    /// What sets it apart.
    pub description: Option<Description>,
    /// Its own prices; in other currencies it costs what the product does.
    pub prices: Vec<PriceView>,
    /// Its place among the variants.
    #[schema(example = 0)]
    pub sort: i32,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<VariantDetail> for VariantView {
    fn from(detail: VariantDetail) -> Self {
        let row = detail.variant;
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            prices: detail.prices.into_iter().map(Into::into).collect(),
            sort: row.sort,
            status: row.status,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
