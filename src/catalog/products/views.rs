//! What clients send and see of products.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::benefits::EmployeeBenefit;
use super::license::LicenseSettings;
use super::model::{CatalogStatus, ProductDetail, ProductType, VatType};
use crate::catalog::prices::views::{PriceInput, PriceView, one_price_per_currency};
use crate::catalog::texts::{Texts, Translations, few_languages, from_json, pictures};
use crate::catalog::variants::views::{VariantInput, VariantView};
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::ProductId;
use crate::kernel::patch::{Patch, present};
use crate::kernel::text::{Description, Metadata, Name};

/// A new product.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductInput {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Pictures of it; https.
    #[serde(default)]
    #[validate(custom(function = "pictures"))]
    #[schema(max_items = 20, example = json!(["https://shop.example.com/course.jpg"]))]
    pub image_urls: Vec<String>,
    /// Its texts in other languages.
    #[serde(default)]
    #[validate(custom(function = "few_languages"))]
    #[schema(value_type = BTreeMap<String, Texts>, example = json!({"fi": {"name": "Kurssi"}}))]
    pub translations: Translations<Texts>,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub product_type: ProductType,
    /// How it is taxed; must fit the type.
    pub vat_type: VatType,
    /// Where it takes place, of an event or a service; the checkout's country when absent.
    pub place_country: Option<Country>,
    /// Which employee benefits may pay for it.
    #[serde(default)]
    #[validate(length(max = 5, message = "each benefit at most once"))]
    #[schema(max_items = 5)]
    pub employee_benefits: Vec<EmployeeBenefit>,
    /// What it costs, per currency.
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(max_items = 50)]
    #[serde(default)]
    pub prices: Vec<PriceInput>,
    /// Its variants; a default one is made when there are none.
    #[validate(nested, length(max = 100, message = "at most 100 variants"))]
    #[schema(max_items = 100)]
    #[serde(default)]
    pub variants: Vec<VariantInput>,
    /// How it is licensed; absent for what needs no license.
    #[validate(nested)]
    pub license: Option<LicenseSettings>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A change of a product (JSON Merge Patch). Its variants have routes of their own.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// What it is; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub description: Patch<Description>,
    /// Pictures of it, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(custom(function = "pictures"))]
    #[schema(value_type = Vec<String>, required = false, max_items = 20, example = json!(["https://shop.example.com/course.jpg"]))]
    pub image_urls: Option<Vec<String>>,
    /// Its texts in other languages, merged: null removes a text, a language, or all.
    #[serde(default)]
    #[schema(required = false, value_type = Option<BTreeMap<String, Texts>>, example = json!({"fi": {"name": "Kurssi"}}))]
    pub translations: Merge<Translations<Texts>>,
    /// What kind of thing it is.
    #[serde(default, deserialize_with = "present", rename = "type")]
    #[schema(value_type = ProductType, required = false)]
    pub product_type: Option<ProductType>,
    /// How it is taxed.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = VatType, required = false)]
    pub vat_type: Option<VatType>,
    /// Where it takes place; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Country>, required = false)]
    pub place_country: Patch<Country>,
    /// Which employee benefits may pay for it, replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(length(max = 5, message = "each benefit at most once"))]
    #[schema(value_type = Vec<EmployeeBenefit>, required = false, max_items = 5)]
    pub employee_benefits: Option<Vec<EmployeeBenefit>>,
    /// What it costs, replaced whole: a currency that is not named is no longer sold in.
    #[serde(default, deserialize_with = "present")]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "one_price_per_currency")
    )]
    #[schema(value_type = Vec<PriceInput>, required = false, max_items = 50)]
    pub prices: Option<Vec<PriceInput>>,
    /// How it is licensed, merged; null clears.
    #[serde(default)]
    #[schema(value_type = Option<LicenseSettings>, required = false)]
    pub license: Merge<LicenseSettings>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
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
    /// Pictures of it.
    #[schema(example = json!(["https://shop.example.com/course.jpg"]))]
    pub image_urls: Vec<String>,
    /// Its texts in other languages.
    #[schema(value_type = BTreeMap<String, Texts>, example = json!({"fi": {"name": "Kurssi"}}))]
    pub translations: Translations<Texts>,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub product_type: ProductType,
    /// How it is taxed.
    pub vat_type: VatType,
    /// Where it takes place.
    pub place_country: Option<Country>,
    /// Which employee benefits may pay for it.
    #[schema(value_type = Vec<EmployeeBenefit>)]
    pub employee_benefits: Vec<String>,
    /// Whether it is in use.
    pub status: CatalogStatus,
    /// What it costs, per currency.
    pub prices: Vec<PriceView>,
    /// Its variants; at least one is in use.
    pub variants: Vec<VariantView>,
    /// How it is licensed.
    pub license: Option<LicenseSettings>,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<ProductDetail> for ProductView {
    fn from(detail: ProductDetail) -> Self {
        let row = detail.product;
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            image_urls: row.image_urls,
            translations: from_json(row.translations),
            product_type: row.product_type,
            vat_type: row.vat_type,
            place_country: row.place_country,
            employee_benefits: row.employee_benefits,
            status: row.status,
            prices: detail.prices.into_iter().map(Into::into).collect(),
            variants: detail.variants.into_iter().map(Into::into).collect(),
            license: row.license.and_then(|license| serde_json::from_value(license).ok()),
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
