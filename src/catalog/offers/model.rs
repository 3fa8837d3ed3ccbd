//! Rows of offers and their items, and what a buyer may buy through one.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};

use crate::catalog::products::model::{CatalogStatus, VatType};
use crate::db::schema::{offer_items, offers};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{OfferId, OfferItemId, ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Name};

/// An offer.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = offers)]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// What the merchant calls it.
    pub name: Name,
    /// What buyers see.
    pub title: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Where the buyer goes after paying.
    pub success_url: Option<String>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A product in an offer.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = offer_items)]
pub struct OfferItem {
    /// The item.
    pub id: OfferItemId,
    /// Its offer.
    pub offer_id: OfferId,
    /// The product.
    pub product_id: ProductId,
    /// Its place in the offer.
    pub position: i32,
    /// What it is called here, instead of the product's name.
    pub name: Option<Name>,
    /// How many unless the buyer says otherwise.
    pub quantity_default: i32,
    /// At least.
    pub quantity_min: i32,
    /// At most.
    pub quantity_max: i32,
}

/// An offer with its items.
#[derive(Clone, Debug)]
pub struct OfferDetail {
    /// The offer.
    pub offer: Offer,
    /// In order.
    pub items: Vec<OfferItem>,
}

/// An item of an offer as it can be bought: one row per item, variant and currency that has a price.
#[derive(Clone, Debug, QueryableByName)]
pub struct SellableItem {
    /// The item.
    #[diesel(sql_type = SqlUuid)]
    pub item_id: OfferItemId,
    /// Its place in the offer.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// The product.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// The first variant in use.
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    /// What buyers see.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// How the product is taxed.
    #[diesel(sql_type = Text)]
    pub vat_type: VatType,
    /// How many unless the buyer says otherwise.
    #[diesel(sql_type = Integer)]
    pub quantity_default: i32,
    /// At least.
    #[diesel(sql_type = Integer)]
    pub quantity_min: i32,
    /// At most.
    #[diesel(sql_type = Integer)]
    pub quantity_max: i32,
    /// A currency it has a price in; empty when it has none at all.
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<Currency>,
    /// Minor units.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// A lower price that is paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
}
