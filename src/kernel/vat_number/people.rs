//! Numbers of persons that serve as VAT numbers of sole traders: they contain a day of birth.

use chrono::NaiveDate;

use super::InvalidVatNumber::{self, Form};
use super::checksum::weighted;

fn pair(digits: &[u32], at: usize) -> u32 {
    digits[at] * 10 + digits[at + 1]
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, day).is_some())
}

/// Citizens, foreigners, and those who are neither: three checksums over ten digits.
pub(super) fn bulgarian(digits: &[u32]) -> bool {
    let (month, day) = (pair(digits, 2), pair(digits, 4));
    // The century is in the month: 20 more before 1900, 40 more after 1999.
    let (year, month) = match month {
        41.. => (2000 + pair(digits, 0), month - 40),
        21..=40 => (1800 + pair(digits, 0), month - 20),
        _ => (1900 + pair(digits, 0), month),
    };
    let check = digits[9];
    let citizen = weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    let foreigner = weighted(digits, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10;
    let other = (11 - weighted(digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    citizen == check && is_day(year, month, day) || foreigner == check || other == check
}

/// Birth numbers: nine digits until 1953, ten with a checksum since.
pub(super) fn czech(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    // Women have 50 added to the month; 20 more where the day's numbers had run out.
    let (year, month, day) = (pair(digits, 0), pair(digits, 2) % 50 % 20, pair(digits, 4));
    let year = match digits.len() {
        9 if year >= 80 => 1800 + year,
        9 if year > 53 => return Err(Form),
        10 if year < 54 => 2000 + year,
        _ => 1900 + year,
    };
    if !is_day(year, month, day) {
        return Err(Form);
    }
    let Some(check) = digits.get(9) else {
        return Ok(true);
    };
    let front = digits[..9]
        .iter()
        .fold(0_u64, |number, digit| number * 10 + u64::from(*digit));
    Ok(front % 11 % 10 == u64::from(*check))
}

/// Personal codes: with a day of birth, or without one since July 2017, when they begin with 32.
pub(super) fn latvian(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    let century = 1800 + digits[6] * 100;
    let dated = is_day(century + pair(digits, 4), pair(digits, 2), pair(digits, 0));
    if !digits.starts_with(&[3, 2]) && !dated {
        return Err(Form);
    }
    let check = (1 + weighted(digits, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
    Ok(check == digits[10])
}
