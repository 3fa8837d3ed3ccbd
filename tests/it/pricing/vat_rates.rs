//! The table of rates against two packages that others keep, each on the day its data is of.

use chrono::NaiveDate;
use kassa::kernel::country::Country;
use kassa::pricing::tax::{VatCategory, rate};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::doubles;

/// `pyvat` has no rule of its own for e-books in these, so it says the standard rate; each has had a reduced one.
const PYVAT_LACKS_BOOKS: &[&str] = &["BG", "CY", "EE", "GR", "IT", "LT", "LV", "RO", "SI"];

fn decimal(value: &Value) -> Decimal {
    value
        .as_str()
        .expect("a text")
        .parse::<Decimal>()
        .expect("a decimal")
        .normalize()
}

fn ours(code: &str, category: VatCategory, on: NaiveDate) -> Decimal {
    let country: Country = code.parse().expect("a country");
    rate(country, category, on).expect("a rate").percent
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// eu-vat-rates-data takes the Commission's database daily; its version is the day.
#[test]
fn the_commissions_own_data_agrees() {
    let told = doubles::ask("vat_rates.py", &json!({}));
    let on = day(told["version"].as_str().expect("a version"));
    let countries = told["current"].as_object().expect("countries");
    assert_eq!(countries.len(), 30);
    let mut faults = Vec::new();
    for (code, theirs) in countries {
        let standard = ours(code, VatCategory::DigitalService, on);
        if standard != decimal(&theirs["standard"]) {
            faults.push(format!("{code}: {standard}, they say {}", theirs["standard"]));
        }
        // They do not say what a reduced rate is for; ours must at least be one of the country's.
        let mut known: Vec<Decimal> = theirs["reduced"]
            .as_array()
            .expect("rates")
            .iter()
            .map(decimal)
            .collect();
        known.extend([standard, Decimal::ZERO]);
        for category in [
            VatCategory::DigitalBook,
            VatCategory::DigitalMagazine,
            VatCategory::Event,
        ] {
            let rate = ours(code, category, on);
            if !known.contains(&rate) {
                faults.push(format!("{code} {category:?}: {rate} is none of {known:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// pyvat has the standard rates of 2024 and the e-book rates of the years before it.
#[test]
fn older_rates_agree() {
    let told = doubles::ask("vat_rates.py", &json!({}));
    let countries = told["older"].as_object().expect("countries");
    assert_eq!(countries.len(), 27);
    let mut faults = Vec::new();
    for (code, theirs) in countries {
        for on in [day("2024-01-01"), day("2024-08-31")] {
            let standard = ours(code, VatCategory::CommercialEducation, on);
            if standard != decimal(&theirs["standard"]) {
                faults.push(format!("{code} on {on}: {standard}, they say {}", theirs["standard"]));
            }
        }
        let on = day("2023-12-31");
        let agrees = ours(code, VatCategory::DigitalBook, on) == decimal(&theirs["book"]);
        // Both ways, so that the list stays true.
        if agrees == PYVAT_LACKS_BOOKS.contains(&code.as_str()) {
            faults.push(format!(
                "{code}: e-books {}, they say {}",
                ours(code, VatCategory::DigitalBook, on),
                theirs["book"]
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
