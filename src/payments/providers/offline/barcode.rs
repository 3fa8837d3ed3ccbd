//! The bar code of Finnish bank transfers (pankkiviivakoodi): 54 digits of Code 128.

use chrono::NaiveDate;

use super::reference::{is_finnish, is_rf};

/// The most that its field of euros holds, in cents.
const MOST: i64 = 99_999_999;

/// Which reference the bar code carries.
#[derive(Clone, Copy, Debug)]
pub enum Reference<'a> {
    /// A Finnish one: version 4.
    Finnish(&'a str),
    /// An RF of digits alone: version 5.
    Rf(&'a str),
}

/// The digits of the bar code. None for an account that is not Finnish, an amount that does not fit, or a reference that is none.
pub fn barcode(iban: &str, cents: i64, reference: Reference<'_>, due: Option<NaiveDate>) -> Option<String> {
    let account = iban.strip_prefix("FI").filter(|rest| rest.len() == 16)?;
    if !account.bytes().all(|byte| byte.is_ascii_digit()) || !(0..=MOST).contains(&cents) {
        return None;
    }
    let due = due.map_or_else(|| "000000".to_owned(), |due| due.format("%y%m%d").to_string());
    match reference {
        Reference::Finnish(number) => {
            let number = number.trim_start_matches('0');
            is_finnish(number).then(|| format!("4{account}{cents:08}000{number:0>20}{due}"))
        }
        Reference::Rf(text) => {
            let (check, number) = text.strip_prefix("RF")?.split_at_checked(2)?;
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            (is_rf(text) && digits).then(|| format!("5{account}{cents:08}{check}{number:0>21}{due}"))
        }
    }
}
