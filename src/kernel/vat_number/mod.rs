//! VAT identification numbers: normal form, format and checksum, of the EU's member states, the United Kingdom, Norway and
//! Switzerland. That a number could exist says nothing of whether it does; that is for VIES to answer.
//!
//! The normal form is upper case with the country's prefix (`EL` for Greece) and without separators: `FI20774740`,
//! `CHE107787577` (without MWST, TVA or IVA), `NO974760673` (without MVA). Numbers that begin with `XI` are refused: they are for
//! goods in Northern Ireland, and its businesses buy services under their `GB` number.

mod checksum;
mod people;

use std::fmt;
use std::str::FromStr;

use super::country::Country;

/// A VAT number whose format and checksum are right.
#[derive(Clone, PartialEq, Eq, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct VatNumber {
    text: String,
    country: Country,
}

impl VatNumber {
    /// The whole number, prefix included.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The country it is of, as ISO 3166 has it: `GR` for the prefix `EL`.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The prefix, as VIES has it: `EL` for Greece.
    pub fn prefix(&self) -> &str {
        self.text.get(..2).unwrap_or_default()
    }

    /// What follows the prefix, as VIES has it.
    pub fn without_prefix(&self) -> &str {
        self.text.get(2..).unwrap_or_default()
    }
}

/// Why a text is no VAT number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidVatNumber {
    /// It does not begin with the prefix of a country that is known here.
    Prefix,
    /// It has not the form of that country's numbers.
    Form,
    /// A digit is wrong, or two are swapped.
    Checksum,
}

impl fmt::Display for InvalidVatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "a VAT number begins with the prefix of its country, as in FI20774740",
            Self::Form => "not of the form that the country's VAT numbers have",
            Self::Checksum => "the check digits are wrong: a digit was mistyped",
        })
    }
}

impl std::error::Error for InvalidVatNumber {}

impl FromStr for VatNumber {
    type Err = InvalidVatNumber;
    fn from_str(text: &str) -> Result<Self, InvalidVatNumber> {
        // Long before any number ends; what follows need not be looked at.
        if text.len() > 40 {
            return Err(InvalidVatNumber::Form);
        }
        let bare: String = text
            .chars()
            .filter(|character| !matches!(character, ' ' | '.' | '-' | '\u{a0}'))
            .map(|character| character.to_ascii_uppercase())
            .collect();
        let (prefix, rest) = bare.split_at_checked(2).ok_or(InvalidVatNumber::Prefix)?;
        let country = if prefix == "EL" { "GR" } else { prefix };
        let country: Country = country.parse().map_err(|_| InvalidVatNumber::Prefix)?;
        let rest = checksum::normal(country.code(), rest)?;
        let prefix = if country.code() == "GR" { "EL" } else { country.code() };
        Ok(Self {
            text: format!("{prefix}{rest}"),
            country,
        })
    }
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

// A sole trader's number can be the person's own.
impl fmt::Debug for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VatNumber({}…)", self.prefix())
    }
}

crate::text_value!(
    VatNumber,
    description = "VAT number with the prefix of its country; spaces, dots and dashes are dropped. Format and checksum must be right.",
    pattern = "^[A-Za-z]{2}[A-Za-z0-9+* .-]{2,38}$",
    example = "FI20774740"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_every_way_to_write_it() {
        for (given, normal, country) in [
            ("fi 2077474-0", "FI20774740", "FI"),
            ("BE 428.759.497", "BE0428759497", "BE"),
            ("GR 094259216", "EL094259216", "GR"),
            ("EL 94259216", "EL094259216", "GR"),
            ("CHE-107.787.577 IVA", "CHE107787577", "CH"),
            ("CHE107787577", "CHE107787577", "CH"),
            ("NO 995 525 828 MVA", "NO995525828", "NO"),
            ("ie8d79739i", "IE8D79739I", "IE"),
        ] {
            let number: VatNumber = given.parse().unwrap_or_else(|error| panic!("{given}: {error}"));
            assert_eq!((number.as_str(), number.country().code()), (normal, country), "{given}");
            assert_eq!(normal.parse().as_ref(), Ok(&number), "the normal form is its own");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (given, error) in [
            ("", InvalidVatNumber::Prefix),
            ("20774740", InvalidVatNumber::Prefix),
            ("US123456789", InvalidVatNumber::Prefix),
            ("XI980780684", InvalidVatNumber::Prefix),
            ("ÄÖ123", InvalidVatNumber::Prefix),
            ("FI2077474", InvalidVatNumber::Form),
            ("FI2077474Ä", InvalidVatNumber::Form),
            ("FI20774741", InvalidVatNumber::Checksum),
            ("FI02774740", InvalidVatNumber::Checksum),
        ] {
            assert_eq!(given.parse::<VatNumber>(), Err(error), "{given}");
        }
    }
}
