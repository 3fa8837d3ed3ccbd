//! The texts buyers agree to: where they are, and which version.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::http::merge_patch::Merge;
use crate::kernel::problem::Problem;
use crate::kernel::text::{Label, web_address};

/// One policy.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Where it can be read.
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, example = "https://shop.example.com/terms")]
    pub url: String,
    /// Which version it is; kept with the consent of each order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Label>,
}

/// The policies of an organization, or of a checkout that has its own: each that a checkout leaves out is the organization's.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Terms of sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub terms: Option<Policy>,
    /// How personal data is handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub privacy: Option<Policy>,
    /// Refunds and returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub refunds: Option<Policy>,
}

impl Merge<Policies> {
    /// The policies after a patch, as the database keeps them.
    pub fn patched(self, stored: serde_json::Value) -> Result<serde_json::Value, Problem> {
        if self.is_absent() {
            return Ok(stored);
        }
        let policies = self.apply(Some(Policies::from_json(stored)), "/policies")?;
        Ok(policies.unwrap_or_default().to_json())
    }
}

impl Policies {
    /// As the database keeps them.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// From the database's form; anything unexpected reads as none.
    pub fn from_json(value: serde_json::Value) -> Self {
        serde_json::from_value(value).unwrap_or_default()
    }

    /// These, and where they are silent the others.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            terms: self.terms.or(others.terms),
            privacy: self.privacy.or(others.privacy),
            refunds: self.refunds.or(others.refunds),
        }
    }
}
