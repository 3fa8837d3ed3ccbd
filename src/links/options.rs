//! What a link overrides, shows and fills in: kept as JSON, read back as these.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::custom::Custom;
use crate::kernel::country::Country;
use crate::kernel::ids::VariantId;
use crate::kernel::text::{Description, Email, Label, Name, web_address};
use crate::kernel::vat_number::VatNumber;

/// What a link says of its product instead of what the product says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProductOptions {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub description: Option<Description>,
    /// Pictures of it; https.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[validate(custom(function = "crate::catalog::texts::pictures"))]
    #[schema(required = false, max_items = 20, example = json!(["https://shop.example.com/course.jpg"]))]
    pub media: Vec<String>,
    /// Where the buyer goes after paying, instead of the offer's `success_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "web_address"))]
    #[schema(
        required = false,
        format = "uri",
        max_length = 2048,
        example = "https://shop.example.com/thanks"
    )]
    pub redirect_url: Option<String>,
    /// The text of the button in the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub receipt_button_text: Option<Name>,
    /// Where that button leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "web_address"))]
    #[schema(
        required = false,
        format = "uri",
        max_length = 2048,
        example = "https://shop.example.com/start"
    )]
    pub receipt_link_url: Option<String>,
    /// What the receipt says above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub receipt_thank_you_note: Option<Description>,
    /// The only variants that can be bought; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[validate(length(max = 100, message = "at most 100 variants"))]
    #[schema(required = false, max_items = 100)]
    pub enabled_variants: Vec<VariantId>,
}

/// How a link's page looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckoutOptions {
    /// Shown over the merchant's own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = false)]
    pub embed: Option<bool>,
    /// False hides the pictures of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub media: Option<bool>,
    /// False hides the logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub logo: Option<bool>,
    /// False hides the description of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub desc: Option<bool>,
    /// False hides the field for a discount code, and refuses codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub discount: Option<bool>,
    /// How many of the link's variant are in the basket.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(required = false, minimum = 1, maximum = 100_000, example = 1)]
    pub quantity: Option<i32>,
    /// Accepted, without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub subscription_preview: Option<bool>,
    /// The dark theme. Deprecated: use the colors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, deprecated, example = false)]
    pub dark: Option<bool>,
    /// Behind the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#ffffff",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub background_color: Option<String>,
    /// Headings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#1a1a1a",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub headings_color: Option<String>,
    /// Most texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#333333",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub primary_text_color: Option<String>,
    /// Lesser texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#666666",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub secondary_text_color: Option<String>,
    /// Links.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#0055cc",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub links_color: Option<String>,
    /// Borders.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#dddddd",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub borders_color: Option<String>,
    /// Check boxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#0055cc",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub checkbox_color: Option<String>,
    /// What is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#0055cc",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub active_state_color: Option<String>,
    /// The button.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#0055cc",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub button_color: Option<String>,
    /// The text on the button.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#ffffff",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub button_text_color: Option<String>,
    /// The terms and the privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "hex_color"))]
    #[schema(
        required = false,
        example = "#666666",
        pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
    )]
    pub terms_privacy_color: Option<String>,
}

fn hex_color(color: &str) -> Result<(), ValidationError> {
    let digits = color.strip_prefix('#').unwrap_or_default();
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(ValidationError::new("color").with_message("must be a color such as #0055cc".into()))
    }
}

/// Checked and not parsed: what a link says stands as it was written.
fn vat_number(text: &Label) -> Result<(), ValidationError> {
    match text.as_str().parse::<VatNumber>() {
        Ok(_) => Ok(()),
        Err(error) => Err(ValidationError::new("vat_number").with_message(error.to_string().into())),
    }
}

/// What a link fills in for the buyer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckoutData {
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub email: Option<Email>,
    /// Their name; becomes first and last name at its last space.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub name: Option<Name>,
    /// Where they live.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub billing_address: Option<PrefilledAddress>,
    /// Their VAT number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "vat_number"))]
    #[schema(value_type = Option<VatNumber>, required = false)]
    pub tax_number: Option<Label>,
    /// A discount code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub discount_code: Option<Label>,
    /// The merchant's own data: kept on the session and its order, and in every event of it.
    #[serde(skip_serializing_if = "Custom::is_empty")]
    #[schema(required = false)]
    pub custom: Custom,
    /// How many of which variants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[validate(nested, length(max = 50, message = "at most 50 variants"))]
    #[schema(required = false, max_items = 50)]
    pub variant_quantities: Vec<VariantQuantity>,
    /// Which of these the buyer may not change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[validate(length(max = 10, message = "at most 10 fields"))]
    #[schema(required = false, max_items = 10)]
    pub locked: Vec<Prefilled>,
}

/// Where a buyer lives, as far as it is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PrefilledAddress {
    /// Their country.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub country: Option<Country>,
    /// Their postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub zip: Option<Label>,
}

/// How many of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantQuantity {
    /// The variant.
    pub variant_id: VariantId,
    /// How many.
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(minimum = 1, maximum = 100_000, example = 2)]
    pub quantity: i32,
}

/// A part of what a link fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prefilled {
    /// The address.
    Email,
    /// The name.
    Name,
    /// Country and postal code.
    BillingAddress,
    /// The VAT number.
    TaxNumber,
    /// The discount code.
    DiscountCode,
    /// Variants and quantities.
    VariantQuantities,
}

impl Prefilled {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
            Self::BillingAddress => "billing_address",
            Self::TaxNumber => "tax_number",
            Self::DiscountCode => "discount_code",
            Self::VariantQuantities => "variant_quantities",
        }
    }
}

/// What prices and codes depend on of a buyer.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Their address.
    pub email: Option<Email>,
    /// Where they are.
    pub country: Option<Country>,
    /// Their VAT number.
    pub vat_number: Option<VatNumber>,
}

impl CheckoutData {
    /// Whether a part is filled in.
    pub fn fills(&self, part: Prefilled) -> bool {
        match part {
            Prefilled::Email => self.email.is_some(),
            Prefilled::Name => self.name.is_some(),
            Prefilled::BillingAddress => self.billing_address.is_some(),
            Prefilled::TaxNumber => self.tax_number.is_some(),
            Prefilled::DiscountCode => self.discount_code.is_some(),
            Prefilled::VariantQuantities => !self.variant_quantities.is_empty(),
        }
    }

    /// What is known of a buyer at the door: what the link fills in stands before what they bring.
    pub fn over(&self, brought: Known) -> Known {
        let country = self.billing_address.as_ref().and_then(|address| address.country);
        // Links made before numbers were checked may have filled in anything.
        let number = self.tax_number.as_ref().and_then(|text| text.as_str().parse().ok());
        Known {
            email: self.email.clone().or(brought.email),
            country: country.or(brought.country),
            vat_number: number.or(brought.vat_number),
        }
    }

    /// First and last name: the name cut at its last space.
    pub fn names(&self) -> (Option<Name>, Option<Name>) {
        let Some(name) = &self.name else {
            return (None, None);
        };
        match name.as_str().rsplit_once(' ') {
            Some((first, last)) => (first.parse().ok(), last.parse().ok()),
            None => (Some(name.clone()), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_their_last_space() {
        let cut = |name: &str| {
            let data = CheckoutData {
                name: Some(name.parse().expect("a name")),
                ..CheckoutData::default()
            };
            let (first, last) = data.names();
            (first.map(|n| n.to_string()), last.map(|n| n.to_string()))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(cut("Aino Maria Virtanen"), (some("Aino Maria"), some("Virtanen")));
        assert_eq!(cut("Aino"), (some("Aino"), None));
        assert_eq!(CheckoutData::default().names(), (None, None));
    }

    #[test]
    fn colors_are_hexadecimal() {
        for good in ["#fff", "#0055CC"] {
            assert!(hex_color(good).is_ok(), "{good}");
        }
        for wrong in ["fff", "#ff", "#fffff", "#gggggg", "red", "#", "#0055cc00", "#éa"] {
            assert!(hex_color(wrong).is_err(), "{wrong}");
        }
    }
}
