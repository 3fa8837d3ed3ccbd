//! Rows of add-ons.

use diesel::QueryableByName;

use crate::catalog::prices::model::Price;
use crate::catalog::products::model::CatalogStatus;
use crate::db::schema::add_ons;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{AddOnId, ProductId, VariantId};
use crate::kernel::text::{Description, Name};
use crate::word_enum;

word_enum! {
    /// What an add-on does.
    pub enum AddOnKind in "add_ons.kind" {
        /// An extra line.
        Add = "add",
        /// Replaces a product of the offer.
        Upgrade = "upgrade",
    }
}

word_enum! {
    /// Where an offer shows an add-on.
    pub enum AddOnPosition in "offer_add_ons.position" {
        /// Within the form.
        OrderBump = "order_bump",
        /// Between the form and the payment methods.
        PreUpsell = "pre_upsell",
    }
}

/// An add-on.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = add_ons)]
pub struct AddOn {
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
    pub image_url: Option<String>,
    /// Its texts in other languages.
    pub translations: serde_json::Value,
    /// How many unless the buyer says otherwise.
    pub quantity_default: i32,
    /// At least.
    pub quantity_min: i32,
    /// At most.
    pub quantity_max: i32,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// An add-on with its own prices.
#[derive(Clone, Debug)]
pub struct AddOnDetail {
    /// The add-on.
    pub add_on: AddOn,
    /// By currency; without one in a currency the variant's or the product's holds.
    pub prices: Vec<Price>,
}
