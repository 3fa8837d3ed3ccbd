//! Rows of products.

use diesel::QueryableByName;

use crate::catalog::prices::model::Price;
use crate::catalog::variants::model::VariantDetail;
use crate::db::schema::products;
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::ProductId;
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
        /// Education under a law or a permit: exempt. For organizations that are education providers.
        RegulatedEducation = "regulated_education",
        /// A book delivered electronically.
        DigitalBook = "digital_book",
        /// A newspaper or periodical delivered electronically.
        DigitalMagazine = "digital_magazine",
        /// A service delivered electronically: the standard rate.
        DigitalService = "digital_service",
        /// Work done at a place.
        Service = "service",
        /// Admission to an event at a place.
        Event = "event",
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
    /// Pictures of it.
    pub image_urls: Vec<String>,
    /// Its texts in other languages.
    pub translations: serde_json::Value,
    /// What kind of thing it is.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub product_type: ProductType,
    /// How it is taxed.
    pub vat_type: VatType,
    /// Where it takes place, of an event or a service.
    pub place_country: Option<Country>,
    /// Which employee benefits may pay for it.
    pub employee_benefits: Vec<String>,
    /// How it is licensed.
    pub license: Option<serde_json::Value>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A product with all that belongs to it.
#[derive(Clone, Debug)]
pub struct ProductDetail {
    /// The product.
    pub product: Product,
    /// In order; at least one is in use.
    pub variants: Vec<VariantDetail>,
    /// By currency.
    pub prices: Vec<Price>,
}
