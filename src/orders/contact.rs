//! What a buyer fills in beside name, country and e-mail address.

use serde::{Deserialize, Serialize};

use crate::kernel::text::Label;

/// The fields of a billing form that nothing is looked up by: kept as one value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Label>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Label>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Label>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<Label>,
    /// Apartment, stairs, c/o.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apartment: Option<Label>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Label>,
    /// Company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Label>,
}

impl Contact {
    /// As the database keeps it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// From the database's form; anything unexpected reads as empty rather than failing a sale.
    pub fn from_json(value: &serde_json::Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }
}
