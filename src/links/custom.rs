//! The merchant's own data on a link and its sessions.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The most that it may take as JSON, in bytes.
pub const CUSTOM_BYTES: usize = 8 * 1024;

/// The merchant's own data on a session: a JSON object of at most 8 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>, example = json!({"user_id": "u-4711"}))]
pub struct Custom(pub Map<String, Value>);

impl Custom {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From the database, where a link's data and a buyer's may be together.
    pub fn from_json(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            _ => Self::default(),
        }
    }

    /// As the database keeps it.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

impl<'de> Deserialize<'de> for Custom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)?;
        let size = serde_json::to_string(&members)
            .map(|text| text.len())
            .unwrap_or(usize::MAX);
        if size > CUSTOM_BYTES {
            return Err(serde::de::Error::custom(format!(
                "must take at most {CUSTOM_BYTES} bytes as JSON, takes {size}"
            )));
        }
        Ok(Self(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_data_is_bounded() {
        let json = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8));
        assert!(serde_json::from_str::<Custom>(&json(CUSTOM_BYTES)).is_ok());
        assert!(serde_json::from_str::<Custom>(&json(CUSTOM_BYTES + 1)).is_err());
        assert!(serde_json::from_str::<Custom>("[]").is_err());
    }
}
