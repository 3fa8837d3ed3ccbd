//! VAT numbers against python-stdnum: thousands of numbers of every country, right ones and mutations of them.

use std::collections::BTreeMap;

use kassa::kernel::vat_number::VatNumber;
use serde_json::json;

use crate::support::doubles;

/// Where the two differ on purpose: which numbers, what Kassa says of them, and why.
type Difference = (&'static str, fn(&str) -> bool, bool, &'static str);

const DIFFERENCES: &[Difference] = &[
    (
        "SE",
        |number| !number.ends_with("01"),
        true,
        "stdnum wants 01 at the end; a person's further businesses have 02 to 99",
    ),
    (
        "SK",
        |_| true,
        false,
        "stdnum takes birth numbers too, and says itself that it is unclear; VIES knows the tax number's form only",
    ),
];

#[test]
fn stdnum_agrees() {
    let told = doubles::ask("vat_numbers.py", &json!({}));
    let told = told.as_array().expect("a list");
    let mut faults = Vec::new();
    let mut used = vec![0; DIFFERENCES.len()];
    let mut valid: BTreeMap<&str, u32> = BTreeMap::new();
    for pair in told {
        let (number, theirs) = (
            pair[0].as_str().expect("a number"),
            pair[1].as_bool().expect("a verdict"),
        );
        let ours = number.parse::<VatNumber>().is_ok();
        if ours && theirs {
            *valid.entry(&number[..2]).or_default() += 1;
        }
        if ours == theirs {
            continue;
        }
        let known = DIFFERENCES
            .iter()
            .position(|(country, which, verdict, _)| number.starts_with(country) && which(number) && ours == *verdict);
        match known {
            Some(known) => used[known] += 1,
            None => faults.push(format!("{number}: we say {ours}, they {theirs}")),
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        told.len(),
        faults[..faults.len().min(40)].join("\n")
    );
    assert!(told.len() > 10_000, "{} numbers", told.len());
    assert_eq!(valid.len(), 30, "{valid:?}");
    assert!(valid.values().all(|count| *count >= 20), "{valid:?}");
    for (difference, used) in DIFFERENCES.iter().zip(used) {
        assert!(
            used > 0,
            "listed as a difference and is none: {}: {}",
            difference.0,
            difference.3
        );
    }
}
