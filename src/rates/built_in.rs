//! The last resort: one day's reference rates, so that a report has a figure before the first import. Always marked as stale.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::kernel::money::Currency;

/// European Central Bank, euro foreign exchange reference rates of 28 February 2025.
const DAY: (i32, u32, u32) = (2025, 2, 28);

/// Currency, and the rate as mantissa and decimals.
const RATES: &[(&str, i64, u32)] = &[
    ("AUD", 16_741, 4),
    ("BRL", 60_712, 4),
    ("CAD", 15_019, 4),
    ("CHF", 9_394, 4),
    ("CNY", 75_782, 4),
    ("CZK", 25_029, 3),
    ("DKK", 74_583, 4),
    ("GBP", 82_608, 5),
    ("HKD", 80_980, 4),
    ("HUF", 39_950, 2),
    ("IDR", 1_722_817, 2),
    ("ILS", 37_457, 4),
    ("INR", 909_710, 4),
    ("ISK", 14_570, 2),
    ("JPY", 15_696, 2),
    ("KRW", 151_992, 2),
    ("MXN", 212_191, 4),
    ("MYR", 46_459, 4),
    ("NOK", 117_245, 4),
    ("NZD", 18_579, 4),
    ("PHP", 60_355, 3),
    ("PLN", 41_503, 4),
    ("RON", 49_768, 4),
    ("SEK", 111_880, 4),
    ("SGD", 14_037, 4),
    ("THB", 35_567, 3),
    ("TRY", 380_186, 4),
    ("USD", 10_411, 4),
    ("ZAR", 191_917, 4),
];

/// Units of a currency for one euro, and the day that was so.
pub(super) fn rate(currency: Currency) -> Option<(Decimal, NaiveDate)> {
    let (_, mantissa, decimals) = RATES.iter().find(|(code, ..)| *code == currency.code())?;
    let day = NaiveDate::from_ymd_opt(DAY.0, DAY.1, DAY.2)?;
    Some((Decimal::new(*mantissa, *decimals).normalize(), day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_currency() {
        for (code, ..) in RATES {
            assert!(rate(code.parse().expect("a currency")).is_some(), "{code}");
        }
    }
}
