//! Pricing against a slow exact reference written independently: integers and fractions, no decimals.

use kassa::pricing::tax::TaxDecision;
use kassa::pricing::{BasketLine, quote};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// `numerator / denominator`, half away from zero, by long division on integers.
fn rounded(numerator: i128, denominator: i128) -> i64 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    let up = i128::from(2 * rest >= denominator);
    i64::try_from(whole + up).expect("a bounded amount")
}

fn line() -> impl Strategy<Value = (i64, i32, u32)> {
    // Unit amounts of zero-, two- and three-decimal currencies alike; rates in thousandths of a percent.
    (
        0_i64..=9_999_999,
        1_i32..=999,
        prop::sample::select(vec![0_u32, 2_100, 5_500, 13_500, 19_000, 25_000, 25_500, 27_000]),
    )
}

fn basket(lines: &[(i64, i32, u32)]) -> Vec<BasketLine> {
    let basket = lines.iter().map(|(unit_amount, quantity, rate)| BasketLine {
        unit_amount: *unit_amount,
        quantity: *quantity,
        tax: TaxDecision {
            rate: Decimal::new(i64::from(*rate), 3),
            country: None,
            reason: None,
        },
    });
    basket.collect()
}

proptest! {
    #[test]
    fn every_identity_holds(lines in prop::collection::vec(line(), 1..12), inclusive: bool) {
        let quoted = quote(&basket(&lines), inclusive).expect("bounded");
        for ((unit, quantity, rate), line) in lines.iter().zip(&quoted.lines) {
            let subtotal = i128::from(*unit) * i128::from(*quantity);
            let rate = i128::from(*rate);
            let tax = if inclusive { rounded(subtotal * rate, 100_000 + rate) } else { rounded(subtotal * rate, 100_000) };
            prop_assert_eq!(i128::from(line.subtotal), subtotal);
            prop_assert_eq!(line.tax, tax);
            prop_assert_eq!(line.total, line.subtotal - line.discount + if inclusive { 0 } else { line.tax });
        }
        let sum = |part: fn(&kassa::pricing::LineQuote) -> i64| quoted.lines.iter().map(part).sum::<i64>();
        prop_assert_eq!(quoted.subtotal, sum(|line| line.subtotal));
        prop_assert_eq!(quoted.tax, sum(|line| line.tax));
        prop_assert_eq!(quoted.total, sum(|line| line.total));
        prop_assert_eq!(quoted.total, quoted.subtotal - quoted.discount_total + if inclusive { 0 } else { quoted.tax });
        let groups = &quoted.tax_breakdown;
        prop_assert_eq!(groups.iter().map(|group| group.tax).sum::<i64>(), quoted.tax);
        prop_assert_eq!(groups.iter().map(|group| group.gross).sum::<i64>(), quoted.total);
        prop_assert!(groups.iter().all(|group| group.net + group.tax == group.gross));
    }
}

#[test]
fn a_sum_beyond_the_largest_amount_is_refused() {
    let one = (99_999_999_999, 1, 25_500);
    assert!(quote(&basket(&[one]), true).is_ok());
    assert!(quote(&basket(&[one, one]), true).is_err());
    assert!(quote(&basket(&[one]), false).is_err(), "the tax on top passes it");
}
