//! BCP 47 language tags, to the depth a storefront needs: language, optional script and region.

use std::fmt;
use std::str::FromStr;

/// A language tag such as `fi`, `sv-FI` or `zh-Hant-TW`, in canonical case.
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Locale(String);

impl Locale {
    /// The language alone: `sv` of `sv-FI`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Locale {
    type Err = InvalidLocale;
    fn from_str(text: &str) -> Result<Self, InvalidLocale> {
        let mut parts = text.split('-');
        let alphabetic = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let language = parts
            .next()
            .filter(|part| (2..=3).contains(&part.len()) && alphabetic(part))
            .ok_or(InvalidLocale)?;
        let mut tag = language.to_ascii_lowercase();
        let mut next = parts.next();
        if let Some(script) = next.filter(|part| part.len() == 4 && alphabetic(part)) {
            let (first, rest) = script.split_at(1);
            tag.push('-');
            tag.push_str(&first.to_ascii_uppercase());
            tag.push_str(&rest.to_ascii_lowercase());
            next = parts.next();
        }
        if let Some(region) = next {
            let numeric = region.len() == 3 && region.bytes().all(|byte| byte.is_ascii_digit());
            if !(numeric || region.len() == 2 && alphabetic(region)) {
                return Err(InvalidLocale);
            }
            tag.push('-');
            tag.push_str(&region.to_ascii_uppercase());
        }
        match parts.next() {
            None => Ok(Self(tag)),
            Some(_) => Err(InvalidLocale),
        }
    }
}

/// The text is not a language tag of the form language, script?, region?.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidLocale;

impl fmt::Display for InvalidLocale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a BCP 47 tag such as `fi` or `sv-FI`")
    }
}

impl std::error::Error for InvalidLocale {}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::text_value!(
    Locale,
    description = "BCP 47 language tag: language, optional script, optional region.",
    pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$",
    example = "fi"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_case_or_refused() {
        for (given, canonical) in [
            ("FI", "fi"),
            ("sv-fi", "sv-FI"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(given.parse::<Locale>().map(|l| l.to_string()), Ok(canonical.to_owned()));
        }
        for wrong in ["", "f", "finnish", "fi-", "fi_FI", "fi-FI-x", "fi-1"] {
            assert!(wrong.parse::<Locale>().is_err(), "{wrong}");
        }
    }
}
