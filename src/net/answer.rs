//! What came back from an outbound request.
//!
//! Guarantees: the body is never longer than the limit it was read with; [`Answer::text`] is valid
//! UTF-8 without NUL, so a `text` column takes it; [`Answer::retry_after`] is at most one day and
//! never fails, because an endpoint must not be able to park or break its own queue with a header.
//!
//! It must not interpret the status or parse the body: providers differ, and answers are untrusted.

use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// No endpoint may put us off for longer than this.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// An answer as received, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// The beginning of the body, at most as long as asked for.
    pub body: Vec<u8>,
    /// There was more than was kept.
    pub truncated: bool,
    /// The vetted address this answer came from.
    pub remote_addr: Option<SocketAddr>,
    pub(super) headers: HeaderMap,
    pub(super) received_at: SystemTime,
}

impl Answer {
    /// 2xx. Redirects are not followed, so 3xx is no success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, if it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Every header whose name begins like this, in lower case, if it is visible ASCII. One that is there twice is there twice.
    pub fn headers(&self, beginning: &str) -> Vec<(String, String)> {
        let named = self
            .headers
            .iter()
            .filter(|(name, _)| name.as_str().starts_with(beginning));
        named
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect()
    }

    /// The kept body as text: invalid UTF-8 and NUL become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).replace('\0', "\u{FFFD}")
    }

    /// How long the peer asks us to wait, counted from when the answer arrived.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?;
        parse_retry_after(value, self.received_at)
    }
}

/// `Retry-After` in seconds or as an HTTP date; anything else is as if it were not there.
fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // Too many digits for the type is still a wish to wait long.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
    }
    let at = UNIX_EPOCH + Duration::from_secs(http_date(value)?);
    // A date in the past means "now".
    let wait = at.duration_since(now).unwrap_or_default();
    Some(wait.min(MAX_RETRY_AFTER))
}

/// Seconds since 1970 of the three date forms of RFC 9110, section 5.6.7.
fn http_date(value: &str) -> Option<u64> {
    let plain = value.replace([',', '-'], " ");
    let parts: Vec<&str> = plain.split_ascii_whitespace().collect();
    let (day, month, year, time) = match parts.as_slice() {
        [_, day, month, year, time, "GMT"] => (day, month, year, time),
        [_, month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let year = match (number(year)?, year.len()) {
        (short, 2) if short < 70 => short + 2000,
        (short, 2) => short + 1900,
        (long, 4) if long >= 1970 => long,
        _ => return None,
    };
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.iter().zip(1u64..).find(|(name, _)| *name == month)?.1;
    let day = number(day).filter(|day| (1..=31).contains(day))?;
    let clock: Vec<u64> = time.split(':').map(number).collect::<Option<_>>()?;
    let &[hour @ 0..=23, minute @ 0..=59, second @ 0..=60] = clock.as_slice() else {
        return None;
    };
    Some(days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn number(digits: &str) -> Option<u64> {
    let short = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    short.then(|| digits.parse().ok()).flatten()
}

/// Days from 1970-01-01 in the Gregorian calendar, with years that begin in March so that the leap
/// day is the last of its year.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_from_march = (month + 9) % 12;
    let day_of_year = (153 * months_from_march + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn dates_in_all_three_forms() {
        for form in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(http_date(form), Some(784_111_777), "{form}");
        }
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(http_date("Thu, 29 Feb 2024 23:59:60 GMT"), Some(1_709_251_200));
        assert_eq!(http_date("Fri, 31 Dec 9999 23:59:59 GMT"), Some(253_402_300_799));
    }

    #[test]
    fn retry_after_is_bounded_and_garbage_is_ignored() {
        let now = at(784_111_777);
        let secs = |s| Some(Duration::from_secs(s));
        assert_eq!(parse_retry_after("0", now), secs(0));
        assert_eq!(parse_retry_after(" 120 ", now), secs(120));
        assert_eq!(parse_retry_after("86401", now), Some(MAX_RETRY_AFTER));
        assert_eq!(parse_retry_after(&"9".repeat(40), now), Some(MAX_RETRY_AFTER));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), secs(60));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), secs(0));
        assert_eq!(
            parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", now),
            Some(MAX_RETRY_AFTER)
        );
        for garbage in [
            "",
            "-5",
            "1.5",
            "1e3",
            "soon",
            "0x10",
            "12 minutes",
            "Sun, 06 Nov 1994 08:50:37",
            "Sun, 06 Nov 1994 08:50:37 CET",
            "Sun, 00 Nov 1994 08:50:37 GMT",
            "Sun, 06 Now 1994 08:50:37 GMT",
            "Sun, 06 Nov 1894 08:50:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:50 GMT",
            "٣",
            "Sun, 06 Nov 99999999999999999999 08:50:37 GMT",
        ] {
            assert_eq!(parse_retry_after(garbage, now), None, "{garbage}");
        }
    }

    #[test]
    fn text_never_contains_nul() {
        let answer = Answer {
            status: 200,
            body: b"a\0b\xffc".to_vec(),
            truncated: false,
            remote_addr: None,
            headers: HeaderMap::new(),
            received_at: at(0),
        };
        assert_eq!(answer.text(), "a\u{FFFD}b\u{FFFD}c");
    }
}
