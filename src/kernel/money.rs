//! Money: integers in minor units of an ISO 4217 currency, checked arithmetic, no floats and no default.
//!
//! The largest amount anywhere is [`MAX_AMOUNT`] minor units; sums that would pass it are refused, not wrapped.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;

/// The largest amount the API accepts or computes, in minor units.
pub const MAX_AMOUNT: i64 = 99_999_999_999;

/// An ISO 4217 currency that has minor units (funds codes, metals and test codes are refused).
#[derive(Clone, Copy, PartialEq, Eq, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// How many decimal places the currency has: JPY 0, EUR 2, KWD 3.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;
    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        // from_code is case-insensitive nowhere and must not become so: the contract says upper case.
        if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(InvalidCurrency);
        }
        iso_currency::Currency::from_code(text)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or(InvalidCurrency)
    }
}

/// The text is not an ISO 4217 currency with minor units.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCurrency;

impl fmt::Display for InvalidCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ISO 4217 currency code in upper case")
    }
}

impl std::error::Error for InvalidCurrency {}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

crate::text_value!(
    Currency,
    description = "ISO 4217 currency code, upper case.",
    pattern = "^[A-Z]{3}$",
    example = "EUR"
);

/// The sum would pass [`MAX_AMOUNT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountTooLarge;

impl fmt::Display for AmountTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "amounts above {MAX_AMOUNT} minor units are not supported")
    }
}

impl std::error::Error for AmountTooLarge {}

/// An amount in minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    /// `amount` minor units; refused beyond ± [`MAX_AMOUNT`].
    pub fn new(amount: i64, currency: Currency) -> Result<Self, AmountTooLarge> {
        within_bounds(amount).map(|amount| Self { amount, currency })
    }

    /// Minor units.
    pub fn amount(self) -> i64 {
        self.amount
    }

    /// The currency the amount is in.
    pub fn currency(self) -> Currency {
        self.currency
    }
}

/// `EUR 12.34`: the neutral form for logs. For people there is [`Money::written`].
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = Decimal::new(self.amount, self.currency.exponent());
        write!(f, "{} {decimal}", self.currency)
    }
}

/// Refuses an amount beyond ± [`MAX_AMOUNT`].
pub fn within_bounds(amount: i64) -> Result<i64, AmountTooLarge> {
    if (-MAX_AMOUNT..=MAX_AMOUNT).contains(&amount) {
        Ok(amount)
    } else {
        Err(AmountTooLarge)
    }
}

/// `left + right`, bounded.
pub fn add(left: i64, right: i64) -> Result<i64, AmountTooLarge> {
    within_bounds(left.checked_add(right).ok_or(AmountTooLarge)?)
}

/// `unit × quantity`, bounded.
pub fn times(unit: i64, quantity: i64) -> Result<i64, AmountTooLarge> {
    within_bounds(unit.checked_mul(quantity).ok_or(AmountTooLarge)?)
}

/// The one rounding rule of the house: half away from zero, to whole minor units.
pub fn round(exact: Decimal) -> Result<i64, AmountTooLarge> {
    let whole = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    within_bounds(whole.to_i64().ok_or(AmountTooLarge)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_know_their_decimals() {
        for (code, exponent) in [("JPY", 0), ("EUR", 2), ("KWD", 3), ("HUF", 2)] {
            assert_eq!(code.parse::<Currency>().map(Currency::exponent), Ok(exponent));
        }
        for wrong in ["eur", "EU", "EURO", "XXX", "XAU", "ZZZ", ""] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (exact, rounded) in [("0.5", 1), ("-0.5", -1), ("14.5", 15), ("2.4999", 2), ("-2.5", -3)] {
            assert_eq!(round(exact.parse().expect("decimal")), Ok(rounded));
        }
    }

    #[test]
    fn refuses_to_pass_the_largest_amount() {
        assert_eq!(add(MAX_AMOUNT, 1), Err(AmountTooLarge));
        assert_eq!(times(i64::MAX, 2), Err(AmountTooLarge));
        assert_eq!(times(MAX_AMOUNT, 1), Ok(MAX_AMOUNT));
    }

    #[test]
    fn prints_the_decimals_of_the_currency() {
        let show = |amount, code: &str| {
            Money::new(amount, code.parse().expect("currency"))
                .expect("bounded")
                .to_string()
        };
        assert_eq!(show(1234, "EUR"), "EUR 12.34");
        assert_eq!(show(1234, "JPY"), "JPY 1234");
        assert_eq!(show(-5, "KWD"), "KWD -0.005");
    }
}
