//! The text of an EPC QR code: a SEPA credit transfer, version 002 in UTF-8.

use super::iban::iban;
use super::reference::is_rf;

/// The most that it can say, in cents.
const MOST: i64 = 99_999_999_999;
/// How long a name may be.
const NAME: usize = 70;
/// How many bytes the whole may have.
const BYTES: usize = 331;

/// The text to be made a QR code (error correction M). None for what it cannot say.
pub fn epc_qr(payee: &str, account: &str, bic: Option<&str>, cents: i64, rf_reference: &str) -> Option<String> {
    let account = iban(account)?;
    let name: String = payee.chars().filter(|letter| !letter.is_control()).take(NAME).collect();
    let mut name = name.trim();
    if name.is_empty() || !(1..=MOST).contains(&cents) || !is_rf(rf_reference) {
        return None;
    }
    let amount = format!("EUR{}.{:02}", cents / 100, cents % 100);
    // The empty line is the purpose; what would follow the reference (text, information) is left out.
    let text = |name| {
        [
            "BCD",
            "002",
            "1",
            "SCT",
            bic.unwrap_or_default(),
            name,
            &account,
            &amount,
            "",
            rf_reference,
        ]
        .join("\n")
    };
    // Banks go by the account; a name in a script of four bytes a letter may lose its end.
    while text(name).len() > BYTES {
        name = name.char_indices().next_back().map_or("", |(at, _)| &name[..at]);
    }
    Some(text(name))
}
