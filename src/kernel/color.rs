//! Colours of a page.

use std::fmt;
use std::str::FromStr;

use super::text::InvalidText;

/// A colour as `#rrggbb`, kept in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

impl FromStr for Color {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let invalid = || InvalidText::new("must be a colour as in #1a2b3c");
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6)
            .ok_or_else(invalid)?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(digits.as_bytes())
            .map_err(|_| invalid())?;
        bytes.try_into().map(Self).map_err(|_| invalid())
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", data_encoding::HEXLOWER.encode(&self.0))
    }
}

crate::text_value!(
    Color,
    description = "A colour: `#` and six hexadecimal digits.",
    pattern = "^#[0-9a-fA-F]{6}$",
    example = "#1a2b3c"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_digits() {
        assert_eq!(
            "#1A2b3c".parse::<Color>().map(|color| color.to_string()),
            Ok("#1a2b3c".to_owned())
        );
        for wrong in ["", "#", "#fff", "1a2b3c", "#1a2b3g", "#1a2b3c4d", "red", "#é2b3c"] {
            assert!(wrong.parse::<Color>().is_err(), "{wrong}");
        }
    }
}
