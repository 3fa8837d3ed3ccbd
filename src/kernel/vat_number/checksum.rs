//! Format and checksum by country.

use super::InvalidVatNumber::{self, Checksum, Form, Prefix};
use super::people;

/// The part after the prefix in its normal form.
pub(super) fn normal(country: &str, rest: &str) -> Result<String, InvalidVatNumber> {
    if !rest
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'*'))
    {
        return Err(if known(country) { Form } else { Prefix });
    }
    let rest = match country {
        // Nine digits are the numbers of before 2005, eight the Greek ones of before 2000.
        "BE" if rest.len() == 9 => format!("0{rest}"),
        "GR" if rest.len() == 8 => format!("0{rest}"),
        "NO" => rest.strip_suffix("MVA").unwrap_or(rest).to_owned(),
        "CH" => ["MWST", "TVA", "IVA", "TPV"]
            .iter()
            .find_map(|suffix| rest.strip_suffix(suffix))
            .unwrap_or(rest)
            .to_owned(),
        _ => rest.to_owned(),
    };
    check(country, &rest).map(|()| rest)
}

fn known(country: &str) -> bool {
    check(country, "") != Err(Prefix)
}

fn check(country: &str, rest: &str) -> Result<(), InvalidVatNumber> {
    let right = match country {
        "AT" => austria(&digits(rest.strip_prefix('U').ok_or(Form)?, &[8])?),
        "BE" => belgium(&digits(rest, &[10])?)?,
        "BG" => bulgaria(&digits(rest, &[9, 10])?),
        "CH" => switzerland(&digits(rest.strip_prefix('E').ok_or(Form)?, &[9])?),
        "CY" => cyprus(rest)?,
        "CZ" => czechia(&digits(rest, &[8, 9, 10])?)?,
        "DE" => mod_11_10(&leading(digits(rest, &[9])?)?),
        "DK" => weighted(&leading(digits(rest, &[8])?)?, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
        "EE" => weighted(&digits(rest, &[9])?, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10),
        "ES" => spain(rest)?,
        "FI" => weighted(&digits(rest, &[8])?, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11),
        "FR" => france(rest)?,
        "GB" => britain(rest)?,
        "GR" => greece(&digits(rest, &[9])?),
        "HR" => mod_11_10(&digits(rest, &[11])?),
        "HU" => weighted(&digits(rest, &[8])?, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10),
        "IE" => ireland(rest)?,
        "IT" => italy(&digits(rest, &[11])?)?,
        "LT" => lithuania(&digits(rest, &[9, 12])?)?,
        "LU" => luxembourg(&digits(rest, &[8])?),
        "LV" => latvia(&digits(rest, &[11])?)?,
        "MT" => weighted(&leading(digits(rest, &[8])?)?, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37),
        "NL" => netherlands(rest)?,
        "NO" => norway(&digits(rest, &[9])?),
        "PL" => poland(&digits(rest, &[10])?),
        "PT" => portugal(&leading(digits(rest, &[9])?)?),
        "RO" => romania(&leading(digits(rest, &[2, 3, 4, 5, 6, 7, 8, 9, 10])?)?),
        "SE" => sweden(&digits(rest, &[12])?)?,
        "SI" => slovenia(&leading(digits(rest, &[8])?)?),
        "SK" => slovakia(&leading(digits(rest, &[10])?)?)?,
        _ => return Err(Prefix),
    };
    if right { Ok(()) } else { Err(Checksum) }
}

/// The digits of a text that is nothing but digits, of one of these lengths.
fn digits(text: &str, lengths: &[usize]) -> Result<Vec<u32>, InvalidVatNumber> {
    if !lengths.contains(&text.len()) {
        return Err(Form);
    }
    text.chars()
        .map(|character| character.to_digit(10).ok_or(Form))
        .collect()
}

/// Numbers that do not begin with a zero.
fn leading(digits: Vec<u32>) -> Result<Vec<u32>, InvalidVatNumber> {
    if digits.first() == Some(&0) {
        Err(Form)
    } else {
        Ok(digits)
    }
}

pub(super) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn number(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(*digit))
}

fn last(digits: &[u32]) -> u32 {
    digits.last().copied().unwrap_or_default()
}

/// What is left when a sum is taken from the next multiple of 11.
fn to_eleven(sum: u32) -> u32 {
    (11 - sum % 11) % 11
}

/// Luhn's rule: every second digit from the right doubled, its cross sum taken.
fn luhn(digits: &[u32]) -> bool {
    let each = digits.iter().rev().enumerate().map(|(place, digit)| {
        let digit = digit << (place % 2);
        digit / 10 + digit % 10
    });
    each.sum::<u32>().is_multiple_of(10)
}

/// ISO 7064, MOD 11,10.
fn mod_11_10(digits: &[u32]) -> bool {
    let start = digits.iter().take(digits.len().saturating_sub(1));
    let product = start.fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + last(digits)) % 10 == 1
}

fn austria(digits: &[u32]) -> bool {
    let cross: u32 = (digits.iter().take(7).enumerate())
        .map(|(place, digit)| {
            let digit = digit << (place % 2);
            digit / 10 + digit % 10
        })
        .sum();
    (10 - (cross + 4) % 10) % 10 == last(digits)
}

fn belgium(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    let (front, check) = digits.split_at(8);
    if digits[0] > 1 || number(digits) == 0 {
        return Err(Form);
    }
    Ok((number(front) + number(check)).is_multiple_of(97))
}

fn bulgaria(digits: &[u32]) -> bool {
    if digits.len() == 10 {
        return people::bulgarian(digits);
    }
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11;
    (if first == 10 { second % 10 } else { first }) == last(digits)
}

fn switzerland(digits: &[u32]) -> bool {
    to_eleven(weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4])) == last(digits)
}

fn cyprus(rest: &str) -> Result<bool, InvalidVatNumber> {
    let (front, letter) = rest.split_at_checked(8).ok_or(Form)?;
    let digits = digits(front, &[8])?;
    let &[letter @ b'A'..=b'Z'] = letter.as_bytes() else {
        return Err(Form);
    };
    if digits.starts_with(&[1, 2]) {
        return Err(Form);
    }
    let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let each = digits.iter().enumerate();
    let sum: u32 = each
        .map(|(place, digit)| if place % 2 == 0 { odd[*digit as usize] } else { *digit })
        .sum();
    Ok(sum % 26 == u32::from(letter - b'A'))
}

fn czechia(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    let weights = [8, 7, 6, 5, 4, 3, 2];
    match (digits.len(), digits[0]) {
        (8, 9) => Err(Form),
        // What leaves 0 is written 1, what leaves 10 is written 0.
        (8, _) => Ok(to_eleven(weighted(digits, &weights)).max(1) % 10 == last(digits)),
        (9, 6) => {
            // 8, 7, 6, … and once round: 8 less what lacks to ten, minus one being nine.
            let lacks = 10 - weighted(&digits[1..], &weights) % 11;
            Ok((18 - lacks) % 10 == last(digits))
        }
        _ => people::czech(digits),
    }
}

fn spain(rest: &str) -> Result<bool, InvalidVatNumber> {
    let bytes = rest.as_bytes();
    if bytes.len() != 9 {
        return Err(Form);
    }
    let middle = digits(&rest[1..8], &[7])?;
    let check = bytes[8];
    let person = |first: u32| {
        let all = number(&middle) + u64::from(first) * 10_000_000;
        let letters = b"TRWAGMYFPDXBNJZSQVHLCKE";
        letters.get(usize::try_from(all % 23).unwrap_or_default()) == Some(&check)
    };
    match bytes[0] {
        first @ b'0'..=b'9' => Ok(person(u32::from(first - b'0'))),
        first @ b'X'..=b'Z' => Ok(person(u32::from(first - b'X'))),
        b'K' | b'L' | b'M' => Ok(person(0)),
        b'A'..=b'H' | b'J' | b'N' | b'P'..=b'S' | b'U'..=b'W' => {
            // Which kinds of organisation have a letter and which a digit is told differently; either is taken.
            let digit = (0..10).find(|digit| {
                let mut all = middle.clone();
                all.push(*digit);
                luhn(&all)
            });
            let digit = digit.unwrap_or_default();
            let letter = b"JABCDEFGHI".get(digit as usize).copied();
            Ok(u32::from(check.wrapping_sub(b'0')) == digit || Some(check) == letter)
        }
        _ => Err(Form),
    }
}

fn france(rest: &str) -> Result<bool, InvalidVatNumber> {
    let (key, siren) = rest.split_at_checked(2).ok_or(Form)?;
    let siren = digits(siren, &[9])?;
    // Numbers from Monaco have no SIREN.
    if !siren.starts_with(&[0, 0, 0]) && !luhn(&siren) {
        return Err(Checksum);
    }
    let siren = number(&siren);
    // No I and no O.
    let letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let value = |place: usize| {
        let character = key.chars().nth(place)?;
        letters.find(character).and_then(|value| u64::try_from(value).ok())
    };
    let (first, second) = (value(0).ok_or(Form)?, value(1).ok_or(Form)?);
    if first < 10 && second < 10 {
        return Ok((siren * 100 + 12) % 97 == first * 10 + second);
    }
    let key = if first < 10 {
        first * 24 + second - 10
    } else {
        first * 34 + second - 100
    };
    Ok((siren + 1 + key / 11) % 11 == key % 11)
}

fn britain(rest: &str) -> Result<bool, InvalidVatNumber> {
    if let Some(department) = rest.strip_prefix("GD") {
        return Ok(number(&digits(department, &[3])?) < 500);
    }
    if let Some(authority) = rest.strip_prefix("HA") {
        return Ok(number(&digits(authority, &[3])?) >= 500);
    }
    let digits = digits(rest, &[9, 12])?;
    let sum = weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    // 42 and 55: the newer numbers, which begin at 100.
    Ok(sum == 0 || digits[0] > 0 && matches!(sum, 42 | 55))
}

fn greece(digits: &[u32]) -> bool {
    let front = digits.iter().take(8);
    let sum = front.fold(0, |sum, digit| sum * 2 + digit);
    sum * 2 % 11 % 10 == last(digits)
}

fn ireland(rest: &str) -> Result<bool, InvalidVatNumber> {
    const LETTERS: &str = "WABCDEFGHIJKLMNOPQRSTUV";
    let value = |letter: char| {
        LETTERS
            .find(letter)
            .and_then(|value| u32::try_from(value).ok())
            .ok_or(Form)
    };
    let characters: Vec<char> = rest.chars().collect();
    if !matches!(characters.len(), 8 | 9) {
        return Err(Form);
    }
    let check = value(characters[7])?;
    let extra = match characters.get(8) {
        Some(letter) => value(*letter)?,
        None => 0,
    };
    // Before 2013 a letter or a sign could stand second: that digit counts as the first, and the sign not at all.
    let front: String = if characters[1].is_ascii_digit() {
        characters[..7].iter().collect()
    } else {
        ['0'].iter().chain(&characters[2..7]).chain(&characters[..1]).collect()
    };
    let old = !characters[1].is_ascii_digit();
    let sum = weighted(&digits(&front, &[7])?, &[8, 7, 6, 5, 4, 3, 2]);
    Ok((sum + if old { 0 } else { 9 * extra }) % 23 == check)
}

fn italy(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    let office = number(&digits[7..10]);
    if number(&digits[..7]) == 0 || !matches!(office, 1..=100 | 120 | 121 | 888 | 999) {
        return Err(Form);
    }
    Ok(luhn(digits))
}

fn lithuania(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    let front = &digits[..digits.len() - 1];
    if last(front) != 1 {
        return Err(Form);
    }
    let sum = |shift: usize| {
        let each = front.iter().enumerate();
        each.map(|(place, digit)| u32::try_from(1 + (place + shift) % 9).unwrap_or_default() * digit)
            .sum::<u32>()
            % 11
    };
    let check = if sum(0) == 10 { sum(2) } else { sum(0) };
    Ok(check % 10 == last(digits))
}

fn luxembourg(digits: &[u32]) -> bool {
    number(&digits[..6]) % 89 == number(&digits[6..])
}

fn latvia(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    if digits[0] > 3 {
        return Ok(weighted(digits, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3);
    }
    people::latvian(digits)
}

fn netherlands(rest: &str) -> Result<bool, InvalidVatNumber> {
    let (front, back) = rest.split_at_checked(9).ok_or(Form)?;
    let front = digits(front, &[9])?;
    let back = digits(back.strip_prefix('B').ok_or(Form)?, &[2])?;
    if number(&front) == 0 || number(&back) == 0 {
        return Err(Form);
    }
    let eleven = weighted(&front, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * last(&front);
    // ISO 7064, MOD 97-10, over NL and the number; letters count from A = 10. Sole traders have these since 2020.
    let fold = |sum: u64, part: &[u32]| part.iter().fold(sum, |sum, digit| (sum * 10 + u64::from(*digit)) % 97);
    let ninety_seven = fold((fold(23 * 100 + 21, &front) * 100 + 11) % 97, &back);
    Ok(eleven.is_multiple_of(11) || ninety_seven == 1)
}

fn norway(digits: &[u32]) -> bool {
    to_eleven(weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2])) == last(digits)
}

fn poland(digits: &[u32]) -> bool {
    weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last(digits)
}

fn portugal(digits: &[u32]) -> bool {
    to_eleven(weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2])) % 10 == last(digits)
}

fn romania(digits: &[u32]) -> bool {
    let mut padded = vec![0; 10 - digits.len()];
    padded.extend(digits);
    weighted(&padded, &[7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10 == last(digits)
}

fn sweden(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    // 01 for nearly everyone; a person's further businesses count on.
    if digits.ends_with(&[0, 0]) {
        return Err(Form);
    }
    Ok(luhn(&digits[..10]))
}

fn slovenia(digits: &[u32]) -> bool {
    // What leaves 11 is given to nobody.
    match 11 - weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        10 => last(digits) == 0,
        check => check == last(digits),
    }
}

fn slovakia(digits: &[u32]) -> Result<bool, InvalidVatNumber> {
    if !matches!(digits[2], 2 | 3 | 4 | 7 | 8 | 9) {
        return Err(Form);
    }
    Ok(number(digits).is_multiple_of(11))
}
