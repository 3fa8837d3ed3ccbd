//! What a PATCH says about one field: nothing, "clear it", or a new value (JSON Merge Patch, RFC 7396). Objects, which are merged,
//! are `http::merge_patch`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of a merge patch. Always beside `#[serde(default)]`: an absent field keeps what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not sent: keep.
    #[default]
    Absent,
    /// Sent as `null`: clear.
    Null,
    /// Sent with a value: replace.
    Value(T),
}

impl<T> Patch<T> {
    /// The field after the patch, for a field that may be empty.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Absent => current,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The same patch with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(change(value)),
        }
    }
}

/// Why null is refused for what always has a value.
pub const CANNOT_BE_CLEARED: &str = "cannot be cleared";

/// For a field of a merge patch that always has a value: `#[serde(default, deserialize_with = "present")]` on an `Option`. Absent
/// keeps; null, which a plain `Option` would take for absent, is refused.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Option::<T>::deserialize(deserializer)?;
    value
        .map(Some)
        .ok_or_else(|| serde::de::Error::custom(CANNOT_BE_CLEARED))
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// For what validation says of a refused value.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<T: validator::Validate> validator::Validate for Patch<T> {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        match self {
            Self::Absent | Self::Null => Ok(()),
            Self::Value(value) => value.validate(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        name: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let read = |json: &str| serde_json::from_str::<Body>(json).expect("json").name;
        assert_eq!(read("{}"), Patch::Absent);
        assert_eq!(read(r#"{"name":null}"#), Patch::Null);
        assert_eq!(read(r#"{"name":"x"}"#), Patch::Value("x".to_owned()));
        assert_eq!(Patch::Absent.apply(Some(1)), Some(1));
        assert_eq!(Patch::Null.apply(Some(1)), None);
        assert_eq!(Patch::Value(2).apply(Some(1)), Some(2));
    }
}
