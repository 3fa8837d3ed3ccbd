//! What a buyer agreed to, frozen with the order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::text::Label;
use crate::organizations::policies::Policy;

/// One answer of the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderConsent)]
pub struct Consent {
    /// Yes or no.
    #[schema(example = true)]
    pub accepted: bool,
    /// When the order was confirmed with it.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub at: String,
    /// Where the text was that was agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, format = "uri", example = "https://shop.example.com/terms")]
    pub policy_url: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub policy_version: Option<Label>,
}

impl Consent {
    /// An answer, with the text that it is about if there is one.
    pub fn given(accepted: bool, at: &str, policy: Option<&Policy>) -> Self {
        Self {
            accepted,
            at: at.to_owned(),
            policy_url: policy.map(|policy| policy.url.clone()),
            policy_version: policy.and_then(|policy| policy.version.clone()),
        }
    }
}

/// What a buyer agreed to or declined; what was never asked is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OrderConsents)]
pub struct Consents {
    /// The terms of sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub terms: Option<Consent>,
    /// The privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub privacy: Option<Consent>,
    /// Delivery at once, and losing the right of withdrawal by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub immediate_delivery: Option<Consent>,
    /// News by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub marketing: Option<Consent>,
    /// Being counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub analytics: Option<Consent>,
}

impl Consents {
    /// As the database keeps them.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// From the database's form; anything unexpected reads as nothing rather than hiding the order.
    pub fn from_json(value: serde_json::Value) -> Self {
        serde_json::from_value(value).unwrap_or_default()
    }
}
