//! Rows of offers and their items, and what a buyer may buy through one.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};

use crate::catalog::add_ons::model::{AddOnKind, AddOnPosition};
use crate::catalog::prices::model::Price;
use crate::catalog::products::model::{CatalogStatus, VatType};
use crate::db::schema::{offer_add_ons, offer_items, offers};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{AddOnId, CheckoutId, LinkId, OfferId, OfferItemId, ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Name, Slug};

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
    /// Pictures of it.
    pub image_urls: Vec<String>,
    /// Its texts in other languages.
    pub translations: serde_json::Value,
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
    /// The variants a buyer may choose from; empty: all that are in use.
    pub variant_ids: Vec<VariantId>,
    /// Its place in the offer.
    pub position: i32,
    /// What it is called here, instead of the product's name.
    pub name: Option<Name>,
    /// What it is, instead of the product's description.
    pub description: Option<Description>,
    /// How many unless the buyer says otherwise.
    pub quantity_default: i32,
    /// At least.
    pub quantity_min: i32,
    /// At most.
    pub quantity_max: i32,
    /// Whether a buyer may leave it out.
    pub optional: bool,
    /// Whether it is in the basket unless the buyer says otherwise.
    pub selected: bool,
}

/// An add-on that an offer carries.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = offer_add_ons)]
pub struct OfferAddOn {
    /// The offer.
    pub offer_id: OfferId,
    /// The add-on.
    pub add_on_id: AddOnId,
    /// Where it is shown.
    pub position: AddOnPosition,
    /// Its place there, lowest first.
    pub sort: i32,
}

/// An offer with all that belongs to it.
#[derive(Clone, Debug)]
pub struct OfferDetail {
    /// The offer.
    pub offer: Offer,
    /// In order.
    pub items: Vec<OfferItem>,
    /// The items' own prices.
    pub prices: Vec<Price>,
    /// In order.
    pub add_ons: Vec<OfferAddOn>,
    /// Currencies of the checkout or of some item in which an item that cannot be left out has no price.
    pub missing_currencies: Vec<Currency>,
}

/// How an offer is reached: each way is one look-up from what a request brings, so that nothing has to be asked before.
#[derive(Clone, Copy, Debug)]
pub enum Through<'a> {
    /// By the offer.
    Offer(CheckoutId, OfferId),
    /// By the slugs of a checkout and a link of it.
    Slugs(&'a Slug, &'a Slug),
    /// By a link whose tenant is not known yet.
    Link(LinkId),
    /// Several offers of one checkout.
    Offers(CheckoutId, &'a [OfferId]),
}

/// An item of an offer with one variant of it that is in use; without a variant when there is none.
#[derive(Clone, Debug, QueryableByName)]
pub struct Choice {
    /// The offer.
    #[diesel(sql_type = SqlUuid)]
    pub offer_id: OfferId,
    /// The item.
    #[diesel(sql_type = SqlUuid)]
    pub item_id: OfferItemId,
    /// The product.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// What buyers see.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// What it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub description: Option<Description>,
    /// Pictures of the product.
    #[diesel(sql_type = Array<Text>)]
    pub image_urls: Vec<String>,
    /// The product's texts in other languages.
    #[diesel(sql_type = Jsonb)]
    pub translations: serde_json::Value,
    /// How the product is taxed.
    #[diesel(sql_type = Text)]
    pub vat_type: VatType,
    /// Where it takes place, if not where the shop sells from.
    #[diesel(sql_type = diesel::sql_types::Nullable<Text>)]
    pub place_country: Option<crate::kernel::country::Country>,
    /// How many unless the buyer says otherwise.
    #[diesel(sql_type = Integer)]
    pub quantity_default: i32,
    /// At least.
    #[diesel(sql_type = Integer)]
    pub quantity_min: i32,
    /// At most.
    #[diesel(sql_type = Integer)]
    pub quantity_max: i32,
    /// Whether a buyer may leave it out.
    #[diesel(sql_type = Bool)]
    pub optional: bool,
    /// Whether it is in the basket unless the buyer says otherwise.
    #[diesel(sql_type = Bool)]
    pub selected: bool,
    /// The variant.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub variant_id: Option<VariantId>,
    /// Its name.
    #[diesel(sql_type = Nullable<Text>)]
    pub variant_name: Option<Name>,
    /// What sets it apart.
    #[diesel(sql_type = Nullable<Text>)]
    pub variant_description: Option<Description>,
}

/// An add-on of an offer that can be sold.
#[derive(Clone, Debug, QueryableByName)]
pub struct AddOnChoice {
    /// The add-on.
    #[diesel(sql_type = SqlUuid)]
    pub add_on_id: AddOnId,
    /// What it does.
    #[diesel(sql_type = Text)]
    pub kind: AddOnKind,
    /// Where it is shown.
    #[diesel(sql_type = Text)]
    pub position: AddOnPosition,
    /// What it sells.
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    /// The product that belongs to.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// How the product is taxed.
    #[diesel(sql_type = Text)]
    pub vat_type: VatType,
    /// Where the product takes place, if not where the shop sells from.
    #[diesel(sql_type = Nullable<Text>)]
    pub place_country: Option<crate::kernel::country::Country>,
    /// Of an upgrade: the product it replaces.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub replaces_product_id: Option<ProductId>,
    /// What buyers see.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// What it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub description: Option<Description>,
    /// A picture of it.
    #[diesel(sql_type = Nullable<Text>)]
    pub image_url: Option<String>,
    /// Its texts in other languages.
    #[diesel(sql_type = Jsonb)]
    pub translations: serde_json::Value,
    /// How many unless the buyer says otherwise.
    #[diesel(sql_type = Integer)]
    pub quantity_default: i32,
    /// At least.
    #[diesel(sql_type = Integer)]
    pub quantity_min: i32,
    /// At most.
    #[diesel(sql_type = Integer)]
    pub quantity_max: i32,
}

/// A variant of a product of the checkout, for checking what an offer names.
#[derive(Clone, Debug, QueryableByName)]
pub struct KnownVariant {
    /// The variant.
    #[diesel(sql_type = SqlUuid)]
    pub id: VariantId,
    /// Its product.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// Whether its product is in use.
    #[diesel(sql_type = Text)]
    pub product_status: CatalogStatus,
    /// Whether it is in use itself.
    #[diesel(sql_type = Text)]
    pub status: CatalogStatus,
}

/// An add-on of the checkout, for checking what an offer names.
#[derive(Clone, Debug, QueryableByName)]
pub struct KnownAddOn {
    /// The add-on.
    #[diesel(sql_type = SqlUuid)]
    pub id: AddOnId,
    /// Of an upgrade: the product it replaces.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub replaces_product_id: Option<ProductId>,
    /// Whether it is in use.
    #[diesel(sql_type = Text)]
    pub status: CatalogStatus,
}
