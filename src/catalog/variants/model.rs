//! Rows of variants.

use diesel::QueryableByName;

use crate::catalog::prices::model::Price;
use crate::catalog::products::model::CatalogStatus;
use crate::db::schema::variants;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ProductId, VariantId};
use crate::kernel::text::{Description, Name};

/// A variant of a product.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = variants)]
pub struct Variant {
    /// The variant.
    pub id: VariantId,
    /// Its product.
    pub product_id: ProductId,
    /// Its name.
    pub name: Name,
    /// What sets it apart.
    pub description: Option<Description>,
    /// Its place among the variants.
    pub sort: i32,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A variant with its own prices.
#[derive(Clone, Debug)]
pub struct VariantDetail {
    /// The variant.
    pub variant: Variant,
    /// By currency; without one in a currency the product's holds.
    pub prices: Vec<Price>,
}
