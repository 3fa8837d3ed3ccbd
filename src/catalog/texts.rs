//! What things of the catalogue share: translations, pictures, quantities.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::http::merge_patch::Merge;
use crate::kernel::by_locale::ByLocale;
use crate::kernel::locale::Locale;
use crate::kernel::places::each;
use crate::kernel::problem::Problem;
use crate::kernel::text::{Description, Name, web_address};

/// The texts of a product or add-on in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub description: Option<Description>,
}

/// The texts of an offer in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferTexts {
    /// What the merchant calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// What buyers see.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub title: Option<Name>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub description: Option<Description>,
}

/// Texts by language.
pub type Translations<T> = ByLocale<T>;

/// As the database keeps them.
pub fn to_json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// From the database's form; anything unexpected reads as empty rather than failing a whole page.
pub fn from_json<T: DeserializeOwned + Default>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_default()
}

/// Texts after a merge patch, as the database keeps them.
pub fn patched<T: Serialize + DeserializeOwned>(
    stored: Value,
    patch: Merge<Translations<T>>,
) -> Result<Value, Problem> {
    if patch.is_absent() {
        return Ok(stored);
    }
    let canonical = |tag: &str| tag.parse().ok().map(|locale: Locale| locale.to_string());
    let texts = patch.unchecked_by(canonical, Some(from_json(stored)), "/translations")?;
    let texts = texts.unwrap_or_default();
    few_languages(&texts).map_err(|error| {
        let detail = error.message.unwrap_or_default();
        Problem::invalid("/translations", error.code, detail)
    })?;
    Ok(to_json(&texts))
}

/// At most 50 languages.
pub fn few_languages<T>(translations: &Translations<T>) -> Result<(), ValidationError> {
    if translations.0.len() <= 50 {
        Ok(())
    } else {
        Err(ValidationError::new("length").with_message("at most 50 languages".into()))
    }
}

/// At most 20 addresses that a browser may be sent to.
pub fn pictures(urls: &[String]) -> Result<(), ValidationError> {
    if urls.len() > 20 {
        return Err(ValidationError::new("length").with_message("at most 20 addresses".into()));
    }
    each(urls, |url| web_address(url))
}

/// How many a buyer may take.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Quantity)]
#[validate(schema(function = "ordered"))]
pub struct QuantityBody {
    /// Unless the buyer says otherwise.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub default: i32,
    /// At least.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub min: i32,
    /// At most.
    #[schema(minimum = 1, maximum = 100_000, example = 10)]
    pub max: i32,
}

impl Default for QuantityBody {
    fn default() -> Self {
        Self {
            default: 1,
            min: 1,
            max: 1,
        }
    }
}

fn ordered(quantity: &QuantityBody) -> Result<(), ValidationError> {
    let QuantityBody { default, min, max } = *quantity;
    if 1 <= min && min <= default && default <= max && max <= 100_000 {
        Ok(())
    } else {
        Err(ValidationError::new("range").with_message("must hold 1 ≤ min ≤ default ≤ max ≤ 100000".into()))
    }
}
