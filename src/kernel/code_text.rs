//! What a buyer types to get a discount.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::text::InvalidText;

/// What a buyer types: 1 to 50 characters, kept as the merchant wrote it, compared by [`CodeText::folded`].
#[derive(Clone, PartialEq, Eq, Debug, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct CodeText(String);

impl CodeText {
    /// Trimmed, in one Unicode form (NFKC) and lower case: what looks the same is the same.
    pub fn folded(&self) -> String {
        self.0.nfkc().collect::<String>().to_lowercase().nfkc().collect()
    }
}

impl FromStr for CodeText {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        let length = text.chars().count();
        if !(1..=50).contains(&length) || text.chars().any(char::is_control) {
            return Err(InvalidText::new(
                "must have 1 to 50 characters and no control characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::text_value!(
    CodeText,
    description = "1 to 50 characters. Codes that differ only in letter case are the same.",
    pattern = "^[^\\x00-\\x1f]{1,50}$",
    example = "SPRING26"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_look_the_same_are_the_same() {
        let folded = |text: &str| text.parse::<CodeText>().expect("a code").folded();
        assert_eq!(folded(" Kevät 26 "), folded("KEVÄT 26"));
        assert_eq!(folded("KEVA\u{308}T"), folded("kevät"), "composed and decomposed");
        assert_eq!(folded("ＳＡＬＥ"), folded("sale"), "full width");
        assert_ne!(folded("sale 1"), folded("sale1"));
        assert!("ä".repeat(50).parse::<CodeText>().is_ok(), "characters, not bytes");
        for wrong in ["", "   ", &"a".repeat(51), "a\u{0}b", "a\nb"] {
            assert!(wrong.parse::<CodeText>().is_err(), "{wrong:?}");
        }
    }
}
