//! Reference numbers: the Finnish one, and the creditor reference of ISO 11649.

use super::iban::modulo_97;

/// The Finnish reference number (viitenumero) of 3 to 19 digits: they, and a check digit.
pub fn finnish(base: &str) -> Option<String> {
    let significant = base.trim_start_matches('0');
    let fits = base.bytes().all(|byte| byte.is_ascii_digit()) && (3..=19).contains(&significant.len());
    fits.then(|| format!("{significant}{}", check_digit(significant)))
}

/// Whether a text is a Finnish reference number. Zeros before it mean nothing.
pub fn is_finnish(reference: &str) -> bool {
    let significant = reference.trim_start_matches('0');
    let digits = !significant.is_empty() && significant.bytes().all(|byte| byte.is_ascii_digit());
    digits && finnish(&significant[..significant.len() - 1]).as_deref() == Some(significant)
}

/// Weights 7, 3, 1 from the right; what is missing to the next ten.
fn check_digit(digits: &str) -> u32 {
    let weights = [7, 3, 1].into_iter().cycle();
    let values = digits.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = values.zip(weights).map(|(value, weight)| value * weight).sum();
    (10 - sum % 10) % 10
}

/// `RF`, two check digits, and the reference of at most 21 letters and digits.
pub fn rf(reference: &str) -> Option<String> {
    let fits = (1..=21).contains(&reference.len())
        && reference
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let check = 98 - modulo_97(&format!("{reference}RF00")).filter(|_| fits)?;
    Some(format!("RF{check:02}{reference}"))
}

/// Whether a text is an RF creditor reference.
pub fn is_rf(text: &str) -> bool {
    text.strip_prefix("RF")
        .and_then(|rest| rest.get(2..))
        .is_some_and(|reference| rf(reference).as_deref() == Some(text))
}
