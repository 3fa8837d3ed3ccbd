//! IBAN (ISO 13616) and its check digits.

/// How long the IBANs of the SEPA countries are; of others, only the check digits are known.
const LENGTHS: [(&str, usize); 38] = [
    ("AD", 24),
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GI", 23),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("VA", 22),
];

/// The normal form of an IBAN (upper case, no spaces), if its length and check digits are right.
pub fn iban(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|letter| *letter != ' ').collect();
    let plain = plain.to_ascii_uppercase();
    let known = LENGTHS.iter().find(|(country, _)| plain.starts_with(country));
    let long = known.map_or((15..=34).contains(&plain.len()), |(_, length)| plain.len() == *length);
    let bytes = plain.as_bytes();
    let formed = bytes.len() > 4
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    if !long || !formed {
        return None;
    }
    // 00, 01 and 99 have the remainder of 97, 98 and 02, and are never given.
    let given: u8 = plain[2..4].parse().ok()?;
    let right = (2..=98).contains(&given) && modulo_97(&format!("{}{}", &plain[4..], &plain[..4])) == Some(1);
    right.then_some(plain)
}

/// The remainder of digits and letters (A = 10 … Z = 35) by 97.
pub fn modulo_97(text: &str) -> Option<u32> {
    text.chars().try_fold(0_u32, |rest, letter| {
        let value = letter.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((rest * shift + value) % 97)
    })
}
