//! Rows of prices, and whose they are.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::kernel::clock::Instant;
use crate::kernel::ids::{AddOnId, OfferItemId, ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::word_enum;

word_enum! {
    /// What a price hangs on.
    pub enum PriceLevel in "price_history.owner" {
        /// A product.
        Product = "product",
        /// A variant of a product.
        Variant = "variant",
        /// An item of an offer.
        OfferItem = "offer_item",
        /// An add-on.
        AddOn = "add_on",
    }
}

/// Whose prices.
#[derive(Clone, Copy, Debug)]
pub enum PriceOwner {
    /// A product's.
    Product(ProductId),
    /// A variant's.
    Variant(VariantId),
    /// An offer item's, for all variants or for one.
    OfferItem(OfferItemId),
    /// An add-on's.
    AddOn(AddOnId),
}

impl PriceOwner {
    /// The id as the history keeps it.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Product(id) => id.uuid(),
            Self::Variant(id) => id.uuid(),
            Self::OfferItem(id) => id.uuid(),
            Self::AddOn(id) => id.uuid(),
        }
    }

    /// What it hangs on.
    pub const fn level(self) -> PriceLevel {
        match self {
            Self::Product(_) => PriceLevel::Product,
            Self::Variant(_) => PriceLevel::Variant,
            Self::OfferItem(_) => PriceLevel::OfferItem,
            Self::AddOn(_) => PriceLevel::AddOn,
        }
    }
}

/// A price as it stands.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Price {
    /// Whose it is.
    #[diesel(sql_type = SqlUuid)]
    pub owner_id: Uuid,
    /// Of an offer item: the one variant it is for.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub variant_id: Option<VariantId>,
    /// The currency.
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Minor units.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    /// A lower price that is paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before the discount began; empty when there was none.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub lowest_amount_30_days: Option<i64>,
}

/// A price that is to hold.
#[derive(Clone, Debug)]
pub struct NewPrice {
    /// Of an offer item: the one variant it is for.
    pub variant_id: Option<VariantId>,
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    pub amount: i64,
    /// A lower price that is paid instead.
    pub discounted_amount: Option<i64>,
}

/// A row of the history: what held from a moment on.
#[derive(Clone, Debug, QueryableByName)]
pub struct PastPrice {
    /// Whose it was.
    #[diesel(sql_type = SqlUuid)]
    pub owner_id: Uuid,
    /// Of an offer item: the one variant it was for.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub variant_id: Option<VariantId>,
    /// The currency.
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Minor units; empty from the moment it was taken away.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// A lower price that was paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
    /// From when.
    #[diesel(sql_type = Timestamptz)]
    pub valid_from: Instant,
}

impl PastPrice {
    /// What was paid.
    pub fn charged(&self) -> Option<i64> {
        self.discounted_amount.or(self.amount)
    }
}

/// A price of one level, as something that may be bought: a line (an offer's item or an add-on) meets several of them.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct LevelPrice {
    /// The item or add-on.
    #[diesel(sql_type = SqlUuid)]
    pub line_id: Uuid,
    /// The one variant it is for; empty: for all.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub variant_id: Option<VariantId>,
    /// Its rank: 0 add-on, 1 offer item for one variant, 2 offer item, 3 variant, 4 product. The lowest rank that has a price wins.
    #[diesel(sql_type = Integer)]
    pub level: i32,
    /// The currency.
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Minor units.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    /// A lower price that is paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before the discount.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub lowest_amount_30_days: Option<i64>,
}
