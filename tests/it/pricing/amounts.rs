//! Amounts in many languages against Babel, which has the same data of Unicode one version older.

use kassa::kernel::format::amount;
use kassa::kernel::money::Currency;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::doubles;

/// Languages with the currencies that people there pay in. Symbols of foreign currencies changed much between the two versions.
#[rustfmt::skip]
const PAIRS: &[(&str, &[&str])] = &[
    ("en", &["EUR", "USD", "GBP", "SEK", "CHF", "JPY", "KWD"]), ("en-GB", &["GBP", "EUR"]), ("en-IE", &["EUR"]),
    ("fi", &["EUR", "SEK", "KWD"]), ("sv", &["SEK", "EUR"]), ("sv-FI", &["EUR"]), ("de", &["EUR", "CHF", "KWD"]),
    ("de-AT", &["EUR"]), ("de-CH", &["CHF"]), ("fr", &["EUR", "CHF"]), ("fr-CH", &["CHF"]), ("it", &["EUR"]), ("es", &["EUR"]),
    ("pt", &["BRL"]), ("pt-PT", &["EUR"]), ("nl", &["EUR"]), ("da", &["DKK", "EUR"]), ("nb", &["NOK", "EUR"]), ("et", &["EUR"]),
    ("lv", &["EUR"]), ("lt", &["EUR"]), ("pl", &["PLN", "EUR"]), ("cs", &["CZK", "EUR"]), ("sk", &["EUR"]), ("el", &["EUR"]),
    ("hr", &["EUR"]), ("sl", &["EUR"]), ("bg", &["EUR"]), ("ro", &["RON"]), ("ja", &["JPY", "EUR", "USD"]), ("zh-Hant-TW", &["TWD", "EUR"]),
];
const MINOR: &[i64] = &[0, 100, -4900, 12_345, 9_999_900, 123_456_700, -123_456_700];

/// What differs for a reason: which, and why.
type Difference = (fn(&str, &str, &str) -> bool, &'static str);

const DIFFERENCES: &[Difference] = &[
    (
        |_, ours, theirs| ours.contains('\u{2212}') && ours.replace('\u{2212}', "-") == theirs,
        "Babel writes a hyphen where the language has a minus of its own",
    ),
    (
        |_, ours, theirs| {
            let letters = ours.trim_start_matches('-').starts_with(char::is_alphabetic);
            letters && ours.replace('\u{a0}', "") == theirs
        },
        "Babel has no rule for the space between letters and a number after them",
    ),
    (
        |locale, ours, theirs| {
            locale == "de-AT"
                && ours.replacen('\u{a0}', "", 1).replace('\u{a0}', ".") == theirs.replacen('\u{a0}', "", 1)
        },
        "ICU4X groups amounts as other numbers; in Austria they have a point where those have a space",
    ),
    (
        |locale, ours, theirs| {
            locale.ends_with("-CH")
                && ours.replace(['\'', '’', '\u{202f}'], "") == theirs.replace(['\'', '’', '\u{202f}'], "")
        },
        "Swiss groups: another apostrophe since CLDR 48, in French too",
    ),
];

#[test]
fn babel_agrees() {
    let mut asked = Vec::new();
    for (locale, currencies) in PAIRS {
        for code in *currencies {
            let currency: Currency = code.parse().expect("a currency");
            asked.extend(MINOR.iter().map(|minor| (*locale, currency, *minor)));
        }
    }
    let questions: Vec<Value> = asked
        .iter()
        .map(|(locale, currency, minor)| {
            json!([
                locale,
                currency.code(),
                Decimal::new(*minor, currency.exponent()).to_string()
            ])
        })
        .collect();
    let answers = doubles::ask("amounts.py", &Value::from(questions));
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), asked.len());
    let (mut faults, mut used) = (Vec::new(), vec![0; DIFFERENCES.len()]);
    for ((locale, currency, minor), theirs) in asked.into_iter().zip(answers) {
        let ours = amount(&locale.parse().expect("a locale"), currency, minor);
        let theirs = theirs.as_str().expect("a text");
        if ours == theirs {
            continue;
        }
        match DIFFERENCES.iter().position(|(which, _)| which(locale, &ours, theirs)) {
            Some(known) => used[known] += 1,
            None => faults.push(format!("{locale} {currency} {minor}: {ours:?}, Babel {theirs:?}")),
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        answers.len(),
        faults
            .iter()
            .step_by(4)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    );
    for ((_, why), used) in DIFFERENCES.iter().zip(used) {
        assert!(used > 0, "listed as a difference and is none: {why}");
    }
}
