//! Amounts as Stripe writes them: integers of a smallest unit that is not always ours.
//!
//! Stripe counts some currencies in whole units whatever ISO 4217 says (the ariary), and two that have no decimals in hundredths (the
//! króna, the Ugandan shilling). Of three decimals the last must be a zero.

use crate::kernel::money::{Currency, within_bounds};

/// Charged in whole units.
const ZERO_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
];
/// Charged in thousandths, of which only tens are taken.
const THREE_DECIMALS: &[&str] = &["BHD", "JOD", "KWD", "OMR", "TND"];

/// Multiples that Stripe takes only, by currency, in our minor units: the steps of its capabilities.
pub const STEPS: &[(&str, i64)] = &[
    ("BHD", 10),
    ("JOD", 10),
    ("KWD", 10),
    ("MGA", 100),
    ("OMR", 10),
    ("TND", 10),
];

/// Least charges by currency in our minor units, as Stripe lists them by the currency that is paid out.
pub const MINIMUMS: &[(&str, i64)] = &[
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1000),
    ("USD", 50),
];

/// The most it takes: eight digits of its own integer.
pub const MAXIMUM: i64 = 99_999_999;
/// The same by currency in our minor units, where Stripe counts in smaller units than we do.
pub const MAXIMUMS: &[(&str, i64)] = &[("ISK", 999_999), ("UGX", 999_999), ("UYI", 999_999)];

/// How many decimals Stripe's integer has.
fn exponent(currency: Currency) -> u32 {
    if ZERO_DECIMALS.contains(&currency.code()) {
        0
    } else if THREE_DECIMALS.contains(&currency.code()) {
        3
    } else {
        2
    }
}

/// What Stripe is told; none when it cannot be told this amount.
pub fn to_stripe(amount: i64, currency: Currency) -> Option<i64> {
    let step = STEPS.iter().find(|(code, _)| *code == currency.code());
    if step.is_some_and(|(_, step)| amount % step != 0) {
        return None;
    }
    let (ours, theirs) = (currency.exponent(), exponent(currency));
    if ours > 2 && theirs == 2 {
        // Stripe takes none of these today: in which unit it will is not to be guessed.
        return None;
    }
    if ours <= theirs {
        return amount.checked_mul(10_i64.pow(theirs - ours));
    }
    let unit = 10_i64.pow(ours - theirs);
    (amount % unit == 0).then_some(amount / unit)
}

/// What Stripe says came, in our minor units. Fractions of them are not there, and would be left out rather than added.
pub fn from_stripe(amount: i64, currency: Currency) -> Option<i64> {
    let (ours, theirs) = (currency.exponent(), exponent(currency));
    let amount = if ours >= theirs {
        amount.checked_mul(10_i64.pow(ours - theirs))?
    } else {
        amount / 10_i64.pow(theirs - ours)
    };
    within_bounds(amount).ok().filter(|amount| *amount >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap_or_else(|error| panic!("{code}: {error}"))
    }

    #[test]
    fn amounts_there_and_back() {
        for (code, ours, theirs) in [
            ("EUR", 3900, 3900),
            ("USD", 1, 1),
            ("JPY", 500, 500),
            ("KRW", 500, 500),
            ("XPF", 7, 7),
            ("VND", 25_000, 25_000),
            // Without decimals by ISO 4217, charged in hundredths.
            ("UGX", 5, 500),
            ("ISK", 1290, 129_000),
            // With decimals by ISO 4217, charged in whole units.
            ("MGA", 500_000, 5000),
            // Charged in two decimals, paid out without.
            ("HUF", 17_500, 17_500),
            ("TWD", 3050, 3050),
            ("KWD", 5120, 5120),
            ("BHD", 10, 10),
        ] {
            let currency = currency(code);
            assert_eq!(to_stripe(ours, currency), Some(theirs), "{code}");
            assert_eq!(from_stripe(theirs, currency), Some(ours), "{code}");
        }
    }

    #[test]
    fn what_it_cannot_be_told_is_not_rounded() {
        for (code, amount) in [("KWD", 5124), ("TND", 1), ("MGA", 150), ("IQD", 1000), ("CLF", 10_000)] {
            assert_eq!(to_stripe(amount, currency(code)), None, "{code}");
        }
        assert_eq!(to_stripe(i64::MAX, currency("ISK")), None);
    }

    #[test]
    fn what_came_is_never_more_than_came() {
        assert_eq!(from_stripe(550, currency("UGX")), Some(5));
        assert_eq!(from_stripe(i64::MAX, currency("MGA")), None);
        assert_eq!(from_stripe(-1, currency("EUR")), None);
        assert_eq!(from_stripe(0, currency("EUR")), Some(0));
    }

    /// Every currency with three decimals or with other decimals than Stripe's has a step, and every step and minimum a currency.
    #[test]
    fn steps_are_complete() {
        for code in ZERO_DECIMALS.iter().chain(THREE_DECIMALS) {
            let currency = currency(code);
            let wanted = match currency.exponent() {
                0 => None,
                2 => Some(100),
                3 => Some(10),
                other => panic!("{code} has {other} decimals"),
            };
            let step = STEPS.iter().find(|(known, _)| known == code).map(|(_, step)| *step);
            assert_eq!(step, wanted, "{code}");
        }
        for (code, least) in MINIMUMS {
            assert!(to_stripe(*least, currency(code)).is_some(), "{code}");
        }
    }

    /// Whatever is offered fits into Stripe's eight digits, and nothing that fits is refused where Stripe counts in smaller units.
    #[test]
    fn maximums_are_complete() {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
        for currency in codes.filter_map(|code| code.parse::<Currency>().ok()) {
            let code = currency.code();
            let own = MAXIMUMS.iter().find(|(known, _)| *known == code).map(|(_, most)| *most);
            let step = STEPS
                .iter()
                .find(|(known, _)| *known == code)
                .map_or(1, |(_, step)| *step);
            let most = own.unwrap_or(MAXIMUM) / step * step;
            let Some(told) = to_stripe(most, currency) else {
                continue;
            };
            assert!(told <= MAXIMUM, "{code}: {told}");
            if own.is_some() {
                assert!(
                    to_stripe(most + step, currency).is_some_and(|told| told > MAXIMUM),
                    "{code}"
                );
            }
        }
    }
}
