//! What a buyer's page sees of a link.

use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::add_ons::model::{AddOnKind, AddOnPosition};
use crate::catalog::prices::views::PublicPriceView;
use crate::catalog::texts::{OfferTexts, QuantityBody, Texts, Translations};
use crate::kernel::ids::{AddOnId, OfferItemId, ProductId, VariantId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Email, Label, Name, Slug};
use crate::links::options::{CheckoutOptions, Prefilled, PrefilledAddress, VariantQuantity};

/// An offer as a buyer sees it, before opening a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicLink)]
pub struct PublicLinkView {
    /// The shop.
    pub checkout: PublicCheckoutView,
    /// The slug of the link; a custom link has none.
    pub slug: Option<Slug>,
    /// Whether its sessions are tests.
    pub test_mode: bool,
    /// The offer's title.
    pub title: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Pictures of it.
    #[schema(example = json!(["https://shop.example.com/offer.jpg"]))]
    pub image_urls: Vec<String>,
    /// Its texts in other languages.
    #[schema(value_type = std::collections::BTreeMap<String, OfferTexts>, example = json!({"fi": {"title": "Kurssi"}}))]
    pub translations: Translations<OfferTexts>,
    /// The variant the link is about.
    pub variant_id: Option<VariantId>,
    /// What a session is opened in unless the buyer asks otherwise.
    pub currency: Currency,
    /// The currencies in which the offer can be bought.
    pub currencies: Vec<Currency>,
    /// What is sold.
    pub items: Vec<PublicItemView>,
    /// What may be bought with it.
    pub add_ons: Vec<PublicAddOnView>,
    /// What is filled in for the buyer.
    pub prefill: PrefillView,
    /// How the page looks.
    pub options: CheckoutOptions,
    /// When the link stops opening sessions.
    #[schema(format = DateTime, example = "2026-12-24T12:00:00.000Z")]
    pub expires_at: Option<String>,
}

/// The shop's public face.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LinkCheckout)]
pub struct PublicCheckoutView {
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
    /// What it sells in unless asked otherwise.
    pub default_currency: Currency,
    /// What it speaks unless asked otherwise.
    pub default_locale: Locale,
    /// Whether prices include VAT.
    pub prices_include_tax: bool,
}

/// A product of the offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicItem)]
pub struct PublicItemView {
    /// The item.
    pub id: OfferItemId,
    /// The product.
    pub product_id: ProductId,
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Pictures of it.
    #[schema(example = json!(["https://shop.example.com/course.jpg"]))]
    pub image_urls: Vec<String>,
    /// The product's texts in other languages.
    #[schema(value_type = std::collections::BTreeMap<String, Texts>, example = json!({"fi": {"name": "Kurssi"}}))]
    pub translations: Translations<Texts>,
    /// How many a buyer may take.
    pub quantity: QuantityBody,
    /// Whether a buyer may leave it out.
    pub optional: bool,
    /// Whether it is in the basket unless the buyer says otherwise.
    pub selected: bool,
    /// What one costs, per currency: of the link's variant, else of the first.
    pub prices: Vec<PublicPriceView>,
    /// The variants to choose from.
    pub variants: Vec<PublicVariantView>,
}

/// A variant of a product of the offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicVariant)]
pub struct PublicVariantView {
    /// The variant.
    pub id: VariantId,
    /// Its name.
    pub name: Name,
    /// What sets it apart.
    pub description: Option<Description>,
    /// What one costs, per currency.
    pub prices: Vec<PublicPriceView>,
}

/// An extra sale.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicAddOn)]
pub struct PublicAddOnView {
    /// The add-on.
    pub id: AddOnId,
    /// What it does.
    pub kind: AddOnKind,
    /// Where it is shown.
    pub position: AddOnPosition,
    /// The product it sells.
    pub product_id: ProductId,
    /// The variant it sells.
    pub variant_id: VariantId,
    /// Of an upgrade: the product it replaces.
    pub replaces_product_id: Option<ProductId>,
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// A picture of it.
    #[schema(format = "uri", example = "https://shop.example.com/book.jpg")]
    pub image_url: Option<String>,
    /// Its texts in other languages.
    #[schema(value_type = std::collections::BTreeMap<String, Texts>, example = json!({"fi": {"name": "Kirja"}}))]
    pub translations: Translations<Texts>,
    /// How many a buyer may take.
    pub quantity: QuantityBody,
    /// What one costs, per currency.
    pub prices: Vec<PublicPriceView>,
}

/// What is filled in for the buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Prefill)]
pub struct PrefillView {
    /// Their address.
    pub email: Option<Email>,
    /// Their name.
    pub name: Option<Name>,
    /// Where they live.
    pub billing_address: Option<PrefilledAddress>,
    /// Their VAT number.
    pub tax_number: Option<Label>,
    /// A discount code.
    pub discount_code: Option<Label>,
    /// How many of which variants.
    pub variant_quantities: Vec<VariantQuantity>,
    /// What of it the buyer may not change.
    pub locked: Vec<Prefilled>,
}
