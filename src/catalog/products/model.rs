//! Rows of products, variants and prices.

use diesel::QueryableByName;

use crate::db::schema::{product_prices, products, variants};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Name};
use crate::word_enum;

word_enum! {
    /// What kind of thing a product is.
    pub enum ProductType in "products.type" {
        /// A course taken online.
        OnlineCourse = "online_course",
        /// Files or streams.
        DigitalContent = "digital_content",
        /// A book as a file.
        EBook = "e_book",
        /// Access for a time.
        Membership = "membership",
        /// A ticket to an event.
        EventTicket = "event_ticket",
        /// Work done for the buyer.
        Service = "service",
    }
}

word_enum! {
    /// How a product is taxed.
    pub enum VatType in "products.vat_type" {
        /// Education that is not exempt: the standard rate.
        CommercialEducation = "commercial_education",
        /// A service delivered electronically: the standard rate.
        DigitalService = "digital_service",
    }
}

word_enum! {
    /// Whether a thing is in use. What orders refer to is archived, not erased.
    pub enum CatalogStatus in "products.status" {
        /// In use.
        Active = "active",
        /// Put away.
        Archived = "archived",
    }
}

/// A product.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = products)]
pub struct Product {
    /// The product.
    pub id: ProductId,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// What kind of thing it is.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub product_type: ProductType,
    /// How it is taxed.
    pub vat_type: VatType,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

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
    /// Its place among the variants.
    pub sort: i32,
    /// Whether it is in use.
    pub status: CatalogStatus,
}

/// What a product costs in one currency.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = product_prices)]
pub struct Price {
    /// The product.
    pub product_id: ProductId,
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    pub amount: i64,
    /// A lower price that is paid instead, in minor units.
    pub discounted_amount: Option<i64>,
}

/// A product with all that belongs to it.
#[derive(Clone, Debug)]
pub struct ProductDetail {
    /// The product.
    pub product: Product,
    /// At least one.
    pub variants: Vec<Variant>,
    /// By currency.
    pub prices: Vec<Price>,
}
