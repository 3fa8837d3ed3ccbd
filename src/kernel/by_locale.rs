//! Texts in several languages, found by the language somebody reads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use validator::{Validate, ValidateLength, ValidationErrors, ValidationErrorsKind};

use super::locale::Locale;

/// One text, or group of texts, for each language. What is wrong in it is pointed at by language, not by position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ByLocale<T>(pub BTreeMap<Locale, T>);

// Written out, because derived it would ask the same of `T`.
impl<T> Default for ByLocale<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// Two spellings of one language would leave one text out, and nobody would know which.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByLocale<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Texts(PhantomData))
    }
}

struct Texts<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Texts<T> {
    type Value = ByLocale<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts by language")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<ByLocale<T>, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some(tag) = access.next_key::<String>()? {
            access.next_value_seed(Text { tag, texts: &mut texts })?;
        }
        Ok(ByLocale(texts))
    }
}

/// The text under a tag: what is wrong with the tag is told where the text is.
struct Text<'a, T> {
    tag: String,
    texts: &'a mut BTreeMap<Locale, T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Text<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let locale: Locale = self.tag.parse().map_err(de::Error::custom)?;
        if self.texts.contains_key(&locale) {
            return Err(de::Error::custom(format!("`{locale}` is there already")));
        }
        self.texts.insert(locale, T::deserialize(deserializer)?);
        Ok(())
    }
}

impl<T> ByLocale<T> {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What somebody with this language may read, the closest first: `sv-FI`, then `sv`.
    pub fn readable<'a>(&'a self, locale: &'a Locale) -> impl Iterator<Item = &'a T> {
        let exact = self.0.get(locale);
        let other = self.0.iter().find(|(tag, _)| tag.as_str() == locale.language());
        let other = other
            .map(|(_, texts)| texts)
            .filter(|_| locale.as_str() != locale.language());
        exact.into_iter().chain(other)
    }
}

impl<T> ValidateLength<u64> for ByLocale<T> {
    fn length(&self) -> Option<u64> {
        u64::try_from(self.0.len()).ok()
    }
}

impl<T: Validate> Validate for ByLocale<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let mut errors = ValidationErrors::new();
        for (locale, texts) in &self.0 {
            if let Err(wrong) = texts.validate() {
                let at = Cow::Owned(locale.to_string());
                errors.0.insert(at, ValidationErrorsKind::Struct(Box::new(wrong)));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_given_once() {
        let read = |json: &str| serde_json::from_str::<ByLocale<String>>(json).map(|texts| texts.0.len());
        assert_eq!(read(r#"{"fi": "a", "sv-FI": "b", "sv": "c"}"#).ok(), Some(3));
        for twice in [
            r#"{"fi": "a", "FI": "b"}"#,
            r#"{"sv-fi": "a", "SV-FI": "b"}"#,
            r#"{"nowhere-at-all": "a"}"#,
        ] {
            assert!(read(twice).is_err(), "{twice}");
        }
    }

    #[test]
    fn the_closest_language_comes_first() {
        let texts: ByLocale<&str> = ByLocale(
            [
                ("sv", "svenska"),
                ("sv-FI", "finlandssvenska"),
                ("sv-SE", "rikssvenska"),
            ]
            .into_iter()
            .map(|(tag, text)| (tag.parse().expect("a locale"), text))
            .collect(),
        );
        let read = |tag: &str| {
            let locale = tag.parse().expect("a locale");
            texts.readable(&locale).copied().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(read("sv-FI"), "finlandssvenska svenska");
        assert_eq!(read("sv"), "svenska");
        assert_eq!(read("sv-NO"), "svenska");
        assert_eq!(read("fi"), "");
    }
}
