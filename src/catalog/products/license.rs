//! How a product is licensed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::by_locale::ByLocale;
use crate::kernel::places::within;
use crate::mails::template::check;

/// How a product is licensed.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "fits_its_kind"))]
pub struct LicenseSettings {
    /// Where its licenses come from.
    pub kind: LicenseKind,
    /// How many a line gets.
    pub per: LicensePer,
    /// Of a key pool: the merchant is told when fewer keys than this are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 0, max = 1_000_000, message = "must be 0 to 1000000"))]
    #[schema(required = false, minimum = 0, maximum = 1_000_000, example = 20)]
    pub low_stock_threshold: Option<i32>,
    /// Of a web service: the address that is asked for each license, by a signed request. The key that it is signed with is had by
    /// renewing it: `POST …/actions/{action_id}/rotate-secret`, with the product's action of type `license`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 10, max = 2000, message = "must have 10 to 2000 characters"))]
    #[schema(
        required = false,
        min_length = 10,
        max_length = 2000,
        example = "https://merchant.example.com/licenses"
    )]
    pub url: Option<String>,
    /// The mail's subject, in the place of Kassa's own: a template with the variables of an `email` action and one more, `licenses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 255, message = "must have 1 to 255 characters"),
        custom(function = "check::license_subject")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 255,
        example = "Your key for {{ product }}"
    )]
    pub subject: Option<String>,
    /// What the mail says before the licenses, which follow unless the template itself names `licenses`; of an information e-mail, all
    /// that it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 20_000, message = "must have 1 to 20000 characters"),
        custom(function = "check::license_text")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 20_000,
        example = "Enter the key in the settings of the program."
    )]
    pub text: Option<String>,
    /// Subject and text in other languages. An order in `sv-FI` reads `sv-FI`, then `sv`, then the above.
    #[serde(default, skip_serializing_if = "ByLocale::is_empty")]
    #[validate(nested, length(max = 50, message = "at most 50 languages"))]
    #[schema(value_type = BTreeMap<String, LicenseTexts>, required = false, example = json!({"fi": {"subject": "Avaimesi"}}))]
    pub translations: ByLocale<LicenseTexts>,
}

/// What a mail with licenses says in one language.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseTexts {
    /// About what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 255, message = "must have 1 to 255 characters"),
        custom(function = "check::license_subject")
    )]
    #[schema(required = false, min_length = 1, max_length = 255, example = "Avaimesi")]
    pub subject: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 20_000, message = "must have 1 to 20000 characters"),
        custom(function = "check::license_text")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 20_000,
        example = "Syötä avain ohjelman asetuksiin."
    )]
    pub text: Option<String>,
}

/// Where licenses come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicenseKind {
    /// The merchant's own service is asked for each.
    WebService,
    /// From keys that were brought in before.
    KeyPool,
    /// A mail with the same information for everybody.
    InformationEmail,
    /// A person delivers it.
    Manual,
}

/// How many licenses a line gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicensePer {
    /// One for each unit.
    Unit,
    /// One, whatever the quantity.
    Line,
}

impl LicenseSettings {
    /// How many licenses a line of this quantity gets.
    pub const fn count(&self, quantity: i32) -> i32 {
        match (self.kind, self.per) {
            (LicenseKind::InformationEmail, _) => 0,
            (_, LicensePer::Unit) => quantity,
            (_, LicensePer::Line) => 1,
        }
    }
}

fn fits_its_kind(license: &LicenseSettings) -> Result<(), ValidationError> {
    let wrong = |member: &str, code: &'static str, why: &'static str| {
        Err(within(ValidationError::new(code).with_message(why.into()), member))
    };
    if license.low_stock_threshold.is_some() && license.kind != LicenseKind::KeyPool {
        return wrong(
            "low_stock_threshold",
            "not_a_pool",
            "low_stock_threshold is for a key_pool",
        );
    }
    match (license.kind, &license.url) {
        (LicenseKind::WebService, None) => return wrong("url", "no_url", "a web_service needs its url"),
        (LicenseKind::WebService, Some(_)) | (_, None) => {}
        (_, Some(_)) => return wrong("url", "not_a_service", "url is for a web_service"),
    }
    if license.kind == LicenseKind::InformationEmail && license.text.is_none() {
        return wrong("text", "no_text", "an information_email needs its text");
    }
    Ok(())
}
