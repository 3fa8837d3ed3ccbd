//! Which rate holds between two currencies.

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::model::{EuroRate, RateSource};
use super::{built_in, store};
use crate::db::Conn;
use crate::db::error::DbError;
use crate::kernel::money::Currency;

/// Rates older than this are stale: a long weekend is four days.
const FRESH_DAYS: i64 = 4;
/// Significant digits of a rate between two currencies: more than the bank publishes of either.
const DIGITS: u32 = 10;

/// What one unit of a currency is worth in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossRate {
    /// Units of the other currency.
    pub rate: Decimal,
    /// The day it is of: the older one, where two rates went into it.
    pub on_date: NaiveDate,
    /// Where it came from; none for the table in the program.
    pub source: Option<RateSource>,
    /// Older than four days, or from the table in the program.
    pub stale: bool,
}

/// The rate from one currency to another on a day: from the newest stored rates until then, else from the table in the program.
/// None when neither knows one of them.
pub async fn cross_rate(
    conn: &Conn,
    from: Currency,
    to: Currency,
    today: NaiveDate,
) -> Result<Option<CrossRate>, DbError> {
    if from == to {
        return Ok(between(&[], from, to, today));
    }
    let stored = store::newest(conn, &[from, to], today).await?;
    Ok(between(&stored, from, to, today))
}

fn between(stored: &[EuroRate], from: Currency, to: Currency, today: NaiveDate) -> Option<CrossRate> {
    if from == to {
        return Some(CrossRate {
            rate: Decimal::ONE,
            on_date: today,
            source: None,
            stale: false,
        });
    }
    let (from, to) = (leg(stored, from, today)?, leg(stored, to, today)?);
    let legs = [from, to];
    // The euro itself has no day: it is worth one euro on each.
    let dated = || legs.iter().filter(|leg| !leg.euro);
    let on_date = dated().map(|leg| leg.on_date).min().unwrap_or(today);
    let built_in = dated().any(|leg| leg.source.is_none());
    Some(CrossRate {
        rate: to
            .per_euro
            .checked_div(from.per_euro)?
            .round_sf_with_strategy(DIGITS, RoundingStrategy::MidpointAwayFromZero)?
            .normalize(),
        on_date,
        source: dated()
            .min_by_key(|leg| leg.on_date)
            .and_then(|leg| leg.source)
            .filter(|_| !built_in),
        stale: built_in || (today - on_date).num_days() > FRESH_DAYS,
    })
}

#[derive(Clone, Copy)]
struct Leg {
    per_euro: Decimal,
    on_date: NaiveDate,
    source: Option<RateSource>,
    euro: bool,
}

fn leg(stored: &[EuroRate], currency: Currency, today: NaiveDate) -> Option<Leg> {
    if currency.code() == "EUR" {
        return Some(Leg {
            per_euro: Decimal::ONE,
            on_date: today,
            source: None,
            euro: true,
        });
    }
    let found = stored.iter().find(|rate| rate.currency == currency);
    let (per_euro, on_date, source) = match found {
        Some(row) => (row.rate, row.on_date, Some(row.source)),
        None => {
            let (rate, day) = built_in::rate(currency)?;
            (rate, day, None)
        }
    };
    Some(Leg {
        per_euro,
        on_date,
        source,
        euro: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn stored(code: &str, rate: &str, on: &str) -> EuroRate {
        EuroRate {
            currency: code.parse().expect("a currency"),
            on_date: day(on),
            source: RateSource::Ecb,
            rate: rate.parse().expect("a decimal"),
        }
    }

    fn told(rows: &[EuroRate], from: &str, to: &str) -> Option<(String, String, bool)> {
        let [from, to] = [from, to].map(|code| code.parse().expect("a currency"));
        between(rows, from, to, day("2026-11-21"))
            .map(|rate| (rate.rate.to_string(), rate.on_date.to_string(), rate.stale))
    }

    #[test]
    fn crosses_go_over_the_euro() {
        let rows = [
            stored("USD", "1.1523", "2026-11-20"),
            stored("JPY", "178.5", "2026-11-18"),
        ];
        let expect = |rate: &str, on: &str, stale| Some((rate.to_owned(), on.to_owned(), stale));
        assert_eq!(told(&rows, "EUR", "USD"), expect("1.1523", "2026-11-20", false));
        assert_eq!(told(&rows, "USD", "EUR"), expect("0.8678295583", "2026-11-20", false));
        assert_eq!(told(&rows, "JPY", "USD"), expect("0.006455462185", "2026-11-18", false));
        assert_eq!(told(&rows, "USD", "USD"), expect("1", "2026-11-21", false));
        let old = [stored("USD", "1.1523", "2026-11-16")];
        assert_eq!(told(&old, "EUR", "USD"), expect("1.1523", "2026-11-16", true));
        let old = [stored("USD", "1.1523", "2026-11-17")];
        assert_eq!(told(&old, "EUR", "USD"), expect("1.1523", "2026-11-17", false));
    }

    #[test]
    fn the_last_resort_is_stale_and_not_everything_is_known() {
        let built_in = told(&[], "SEK", "USD").expect("a rate");
        assert!(built_in.2, "{built_in:?}");
        let mixed = told(&[stored("SEK", "11", "2026-11-20")], "SEK", "USD").expect("a rate");
        assert!(mixed.2 && mixed.1.as_str() < "2026", "{mixed:?}");
        assert_eq!(told(&[], "KWD", "USD"), None, "the bank publishes no dinar");
    }
}
