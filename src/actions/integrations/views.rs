//! An integration as the API takes and shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{Integration, Service};
use crate::kernel::clock::rfc3339;

/// An account at a service.
#[derive(Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegrationInput {
    /// What calls are made with; one that is left out stays. Never shown again.
    #[validate(length(min = 8, max = 500, message = "must have 8 to 500 characters"))]
    #[schema(
        required = false,
        min_length = 8,
        max_length = 500,
        example = "4f1c0a9e7b5d3f2c-us21"
    )]
    pub api_key: Option<String>,
    /// The account's own address: of ActiveCampaign, and of no other.
    #[validate(length(min = 10, max = 500, message = "must have 10 to 500 characters"))]
    #[schema(
        required = false,
        min_length = 10,
        max_length = 500,
        example = "https://shop.api-us1.com"
    )]
    pub url: Option<String>,
}

/// An account at a service, as it may be shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Integration)]
pub struct IntegrationView {
    /// The service.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "active_campaign", examples("systeme_io", "active_campaign", "mailchimp"))]
    pub service: Service,
    /// The end of the key.
    #[schema(example = "us21")]
    pub api_key_last4: String,
    /// The account's own address.
    #[schema(example = "https://shop.api-us1.com")]
    pub url: Option<String>,
    /// When it was set up.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<Integration> for IntegrationView {
    fn from(row: Integration) -> Self {
        let text = |name: &str| row.settings[name].as_str().map(str::to_owned);
        Self {
            service: row.service,
            api_key_last4: text("api_key_last4").unwrap_or_default(),
            url: text("url"),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
