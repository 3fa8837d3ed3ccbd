//! The look of a page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::color::Color;
use crate::kernel::text::web_address;

/// The colours of a page and its logo; what is left out is for the page to choose.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Background of the page.
    #[serde(default)]
    pub background_color: Option<Color>,
    /// Headings.
    #[serde(default)]
    pub headings_color: Option<Color>,
    /// Text.
    #[serde(default)]
    pub primary_text_color: Option<Color>,
    /// Text of less weight.
    #[serde(default)]
    pub secondary_text_color: Option<Color>,
    /// Links.
    #[serde(default)]
    pub links_color: Option<Color>,
    /// Borders.
    #[serde(default)]
    pub borders_color: Option<Color>,
    /// Checkboxes.
    #[serde(default)]
    pub checkbox_color: Option<Color>,
    /// What is selected or has the focus.
    #[serde(default)]
    pub active_state_color: Option<Color>,
    /// Buttons.
    #[serde(default)]
    pub button_color: Option<Color>,
    /// Text on buttons.
    #[serde(default)]
    pub button_text_color: Option<Color>,
    /// The links to terms and privacy.
    #[serde(default)]
    pub terms_privacy_color: Option<Color>,
    /// The logo.
    #[serde(default)]
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, example = "https://shop.example.com/logo.svg")]
    pub logo_url: Option<String>,
}

impl Style {
    /// From the database's form; anything unexpected reads as no style at all rather than failing the page.
    pub fn from_json(value: serde_json::Value) -> Self {
        serde_json::from_value(value).unwrap_or_default()
    }
}
