//! Amounts as people write them in their language: `49,00 €` in Finnish, `€49.00` in English. The data is Unicode's CLDR, through
//! ICU4X; nothing here knows where a symbol stands.

use std::cell::RefCell;
use std::collections::HashMap;

use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_locale_core::Locale as Tag;
use rust_decimal::Decimal;

use super::locale::Locale;
use super::money::{Currency, Money};

/// `minor` units of a currency in a language. A language that CLDR has not is written with its rules for the unknown: `€ 49.00`.
///
/// CLDR leaves out the decimals of some currencies that ISO 4217 gives two (the forint is one). They are left out here only when
/// they are zero: what is shown is what is charged, to the last unit.
pub fn amount(locale: &Locale, currency: Currency, minor: i64) -> String {
    let written = CACHE.with_borrow_mut(|cache| {
        let key = (locale.clone(), currency);
        if cache.len() >= KEPT && !cache.contains_key(&key) {
            cache.clear();
        }
        let writer = cache.entry(key).or_insert_with(|| Writer::new(locale, currency));
        writer.as_ref().and_then(|writer| writer.write(currency, minor))
    });
    // Cannot happen while the data is compiled in; and a receipt must not fail by it.
    written.unwrap_or_else(|| format!("{currency} {}", Decimal::new(minor, currency.exponent())))
}

impl Money {
    /// As people write it in a language.
    pub fn written(self, locale: &Locale) -> String {
        amount(locale, self.currency(), self.amount())
    }
}

/// Writers kept by each thread. Buyers name the language, so there can be any number of them.
const KEPT: usize = 64;

thread_local! {
    static CACHE: RefCell<HashMap<(Locale, Currency), Option<Writer>>> = RefCell::new(HashMap::new());
}

/// A decimal number in digits, as written with its currency.
type Form = Box<dyn Fn(&str) -> Option<String>>;

/// How one currency is written in one language.
struct Writer {
    usual: Form,
    /// How many of the last decimals CLDR does not show.
    hidden: u32,
    /// With the currency's code, and every decimal.
    exact: Form,
}

impl Writer {
    fn new(locale: &Locale, currency: Currency) -> Option<Self> {
        // Of a language alone, `zh-Hant-TW` or `es-419`, there is nothing that ICU4X does not read.
        let tag: Tag = locale.as_str().parse().unwrap_or(Tag::UNKNOWN);
        let code = CurrencyType::try_from_str(currency.code()).ok()?;
        let symbol = CurrencyFormatter::try_new_symbol((&tag).into(), code, Default::default()).ok()?;
        let usual: Form = Box::new(move |digits| Some(symbol.format_fixed_decimal(&digits.parse().ok()?).to_string()));
        // Another currency's code and decimals, the code replaced: the formatter's precision is CLDR's own and cannot be set.
        let other = match currency.exponent() {
            3 => "KWD",
            4 => "CLF",
            _ => "EUR",
        };
        let code = CurrencyType::try_from_str(other).ok()?;
        let coded = CurrencyFormatter::try_new_code((&tag).into(), code, Default::default()).ok()?;
        let exact: Form = Box::new(move |digits| {
            let written = coded.format_fixed_decimal(&digits.parse().ok()?).to_string();
            Some(written.replace(other, currency.code()))
        });
        let zero = usual(&digits(currency, 0))?;
        let mut hidden = 0;
        while hidden < currency.exponent() && usual(&digits(currency, 10_i64.pow(hidden)))? == zero {
            hidden += 1;
        }
        Some(Self { usual, hidden, exact })
    }

    fn write(&self, currency: Currency, minor: i64) -> Option<String> {
        let form = if minor % 10_i64.pow(self.hidden) == 0 {
            &self.usual
        } else {
            &self.exact
        };
        form(&digits(currency, minor))
    }
}

fn digits(currency: Currency, minor: i64) -> String {
    Decimal::new(minor, currency.exponent()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(locale: &str, code: &str, minor: i64) -> String {
        amount(
            &locale.parse().expect("a locale"),
            code.parse().expect("a currency"),
            minor,
        )
    }

    /// CLDR 48; `\u{a0}` and `\u{202f}` keep the number and its symbol on one line, `\u{2212}` is the minus of Finnish and Swedish.
    #[test]
    fn amounts_as_people_write_them() {
        for (locale, code, minor, written) in [
            ("en", "EUR", 4900, "€49.00"),
            ("en", "EUR", -4900, "-€49.00"),
            ("en", "USD", 123_456_789, "$1,234,567.89"),
            ("en", "JPY", 7800, "¥7,800"),
            ("en", "KWD", 1234, "KWD\u{a0}1.234"),
            ("en-GB", "GBP", 999, "£9.99"),
            ("fi", "EUR", 4900, "49,00\u{a0}€"),
            ("fi", "EUR", -4900, "\u{2212}49,00\u{a0}€"),
            ("fi-FI", "EUR", 123_456_789, "1\u{a0}234\u{a0}567,89\u{a0}€"),
            ("fi", "KWD", 1234, "1,234\u{a0}KWD"),
            ("fi", "EUR", 0, "0,00\u{a0}€"),
            ("sv", "SEK", 49_900, "499,00\u{a0}kr"),
            ("sv", "EUR", -500, "\u{2212}5,00\u{a0}€"),
            ("de", "EUR", -123_450, "-1.234,50\u{a0}€"),
            ("de", "JPY", 7800, "7.800\u{a0}¥"),
            ("fr", "EUR", 123_450, "1\u{202f}234,50\u{a0}€"),
            ("ja", "JPY", 7800, "￥7,800"),
            ("ja", "EUR", 4900, "€49.00"),
            ("da", "DKK", 1050, "10,50\u{a0}kr."),
            ("nl", "EUR", -300, "€\u{a0}-3,00"),
            ("xx", "EUR", 4900, "€\u{a0}49.00"),
            ("es-419", "EUR", 1200, "€12.00"),
        ] {
            assert_eq!(told(locale, code, minor), written, "{locale} {code} {minor}");
        }
    }

    #[test]
    fn no_unit_is_hidden() {
        assert_eq!(told("en", "HUF", 499_000), "HUF\u{a0}4,990");
        assert_eq!(told("en", "HUF", 499_001), "HUF\u{a0}4,990.01");
        assert_eq!(told("fi", "HUF", -50), "\u{2212}0,50\u{a0}HUF");
        assert_eq!(told("hu", "HUF", 499_000), "4990\u{a0}Ft");
        // Every currency: amounts that differ in the last unit differ in writing.
        let locale: Locale = "en".parse().expect("a locale");
        for first in b'A'..=b'Z' {
            for second in b'A'..=b'Z' {
                for third in b'A'..=b'Z' {
                    let code = String::from_utf8(vec![first, second, third]).expect("ASCII");
                    let Ok(currency) = code.parse::<Currency>() else {
                        continue;
                    };
                    let writer = Writer::new(&locale, currency).expect("a writer");
                    for minor in [0, 1, 100, 100_000, 123_456_789, -1] {
                        let written = writer.write(currency, minor).expect("a text");
                        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
                        let plain = minor.unsigned_abs() / 10_u64.pow(writer.hidden);
                        let whole = if minor % 10_i64.pow(writer.hidden) == 0 {
                            plain
                        } else {
                            minor.unsigned_abs()
                        };
                        assert_eq!(digits.parse(), Ok(whole), "{code} {minor}: {written}");
                    }
                }
            }
        }
    }

    #[test]
    fn many_languages_take_no_more_room() {
        for first in b'a'..=b'z' {
            for second in b'a'..=b'z' {
                let tag = String::from_utf8(vec![first, second]).expect("ASCII");
                assert!(!told(&tag, "EUR", 100).is_empty());
            }
        }
        assert!(CACHE.with_borrow(HashMap::len) <= KEPT);
    }
}
