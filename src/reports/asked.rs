//! What clients ask for in the query of a report.

use std::str::FromStr;

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};

use super::model::{GroupBy, Period};
use crate::kernel::clock::Instant;
use crate::kernel::moment::Moment;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;

/// How many days a report spans at the most: a year with the one before it to compare a month of.
const LONGEST_DAYS: i64 = 400;
/// How many days it spans when nothing is said.
const USUAL_DAYS: i64 = 30;

/// The parameters as they came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// By what.
    pub group_by: Option<String>,
    /// From when on.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
    /// The currency.
    pub currency: Option<String>,
    /// Live or test sales.
    pub test_mode: Option<bool>,
}

fn start_of(day: NaiveDate) -> Instant {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// A moment, or the beginning of a day; the last day of a period is in it.
fn bound(name: &str, text: &str, last: bool) -> Result<Instant, Problem> {
    let invalid = |detail: String| Problem::invalid(format!("?{name}"), "invalid", detail);
    let Ok(day) = NaiveDate::from_str(text) else {
        let moment = text.parse::<Moment>().map_err(|_| {
            invalid("must be a day as in 2026-11-20 or a time as in 2026-11-20T12:00:00.000Z".to_owned())
        })?;
        return Ok(moment.0);
    };
    let start = format!("{day}T00:00:00Z").parse::<Moment>();
    let start = start.map_err(|_| invalid("must be a day between the years 2000 and 9999".to_owned()))?;
    Ok(if last { start.0 + TimeDelta::days(1) } else { start.0 })
}

impl Asked {
    /// The parameters, checked; `now` says what the last days are.
    pub fn period(&self, now: Instant) -> Result<Period, Problem> {
        let group_by = self.group_by.as_deref().unwrap_or("day").parse::<GroupBy>();
        let group_by = group_by.map_err(|detail| Problem::invalid("?group_by", "invalid", detail))?;
        let currency = self.currency.as_deref().map(str::parse::<Currency>).transpose();
        let currency = currency.map_err(|error| Problem::invalid("?currency", "invalid", error.to_string()))?;
        let to = self.to.as_deref().map(|text| bound("to", text, true)).transpose()?;
        let from = self
            .from
            .as_deref()
            .map(|text| bound("from", text, false))
            .transpose()?;
        let to = to.unwrap_or_else(|| {
            start_of(
                now.date_naive()
                    .checked_add_days(Days::new(1))
                    .unwrap_or(NaiveDate::MAX),
            )
        });
        let from = from.unwrap_or_else(|| to - TimeDelta::days(USUAL_DAYS));
        if from >= to {
            return Err(Problem::invalid("?to", "range", "must be after `from`"));
        }
        if to - from > TimeDelta::days(LONGEST_DAYS) {
            let detail = format!("a report spans {LONGEST_DAYS} days at the most");
            return Err(Problem::invalid("?from", "range", detail));
        }
        Ok(Period {
            group_by,
            from,
            to,
            currency,
            test_mode: self.test_mode.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse::<Moment>().expect("a moment").0
    }

    fn asked(from: Option<&str>, to: Option<&str>) -> Result<(Instant, Instant), Problem> {
        let asked = Asked {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            ..Asked::default()
        };
        let period = asked.period(at("2026-11-20T12:00:00Z"))?;
        Ok((period.from, period.to))
    }

    #[test]
    fn days_are_whole_and_moments_exact() {
        let whole = asked(Some("2026-11-01"), Some("2026-11-30")).expect("a period");
        assert_eq!(whole, (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")));
        let exact = asked(Some("2026-11-01T06:00:00Z"), Some("2026-11-01T18:00:00+02:00")).expect("a period");
        assert_eq!(exact, (at("2026-11-01T06:00:00Z"), at("2026-11-01T16:00:00Z")));
        let usual = asked(None, None).expect("a period");
        assert_eq!(usual, (at("2026-10-22T00:00:00Z"), at("2026-11-21T00:00:00Z")));
        assert!(asked(Some("2026-11-20"), Some("2026-11-20")).is_ok(), "one day");
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for (from, to, pointer) in [
            (Some("yesterday"), None, "?from"),
            (None, Some("2026-02-30"), "?to"),
            (Some("1999-01-01"), None, "?from"),
            (Some("+9999999-01-01"), None, "?from"),
            (Some("2026-11-20"), Some("2026-11-19"), "?to"),
            (Some("2026-11-20T00:00:00Z"), Some("2026-11-20T00:00:00Z"), "?to"),
            (Some("2025-10-01"), Some("2026-11-20"), "?from"),
            (Some("2027-01-01"), None, "?to"),
        ] {
            let refused = asked(from, to).expect_err("a refusal");
            assert_eq!(refused.errors[0].pointer, pointer, "{from:?} {to:?}");
        }
    }
}
