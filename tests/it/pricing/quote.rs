//! The quote against a slow exact reference: integers and fractions, no decimals, and another way to spread a discount.

use kassa::kernel::money::{Currency, MAX_AMOUNT};
use kassa::pricing::tax::{TaxDecision, TaxReason};
use kassa::pricing::{Basket, BasketLine, Discount, LineQuote, Percentage, Quote, quote};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::exact::{Line, Off, reference};

const RATES: &[u32] = &[
    0, 2_100, 2_600, 5_500, 8_100, 9_500, 13_500, 17_000, 19_000, 21_000, 25_000, 25_500, 27_000,
];

fn line(exponent: u32) -> impl Strategy<Value = Line> {
    let one = 10_i64.pow(exponent);
    // Prices as people make them (9.90, 39, 1900) and any other.
    let unit = prop_oneof![
        (1_i64..=2_000).prop_map(move |whole| whole * one),
        (1_i64..=2_000).prop_map(move |whole| whole * one - one / 10),
        0_i64..=9_999_999,
        0_i64..=9,
    ];
    (
        unit,
        prop_oneof![1_i32..=5, 1_i32..=999],
        prop::sample::select(RATES),
        any::<bool>(),
    )
}

fn off() -> impl Strategy<Value = Off> {
    prop_oneof![
        1 => Just(Off::Nothing),
        4 => (1_u32..=10_000).prop_map(Off::Hundredths),
        2 => (1_u32..=100).prop_map(|whole| Off::Hundredths(whole * 100)),
        4 => (0_i64..=5_000_000).prop_map(Off::Amount),
        1 => (0_i64..=9).prop_map(Off::Amount),
    ]
}

fn case() -> impl Strategy<Value = (Vec<Line>, Off, bool)> {
    let currency = prop::sample::select(vec!["JPY", "EUR", "KWD"]);
    let exponent = currency.prop_map(|code| code.parse::<Currency>().expect("a currency").exponent());
    exponent.prop_flat_map(|exponent| (prop::collection::vec(line(exponent), 0..12), off(), any::<bool>()))
}

fn basket(lines: &[Line], off: Off, prices_include_tax: bool) -> Basket {
    let lines = lines
        .iter()
        .map(|(unit_amount, quantity, rate, discountable)| BasketLine {
            unit_amount: *unit_amount,
            original_unit_amount: None,
            quantity: *quantity,
            tax: TaxDecision {
                rate: Decimal::new(i64::from(*rate), 3).normalize(),
                country: None,
                reason: (*rate == 0).then_some(TaxReason::OutsideScope),
            },
            discountable: *discountable,
        });
    Basket {
        lines: lines.collect(),
        discount: match off {
            Off::Nothing => Discount::None,
            Off::Hundredths(hundredths) => {
                Discount::Percentage(Percentage::new(Decimal::new(i64::from(hundredths), 2)).expect("a percentage"))
            }
            Off::Amount(amount) => Discount::Fixed(amount),
        },
        prices_include_tax,
    }
}

fn sum(quoted: &Quote, part: fn(&LineQuote) -> i64) -> i64 {
    quoted.lines.iter().map(part).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn every_line_is_what_exact_arithmetic_says((lines, off, inclusive) in case()) {
        let wanted = reference(&lines, off, inclusive);
        let total: i128 = wanted.iter().map(|line| line[0].max(line[3])).sum();
        let quoted = quote(&basket(&lines, off, inclusive));
        if total > i128::from(MAX_AMOUNT) {
            // The sum of the lines passes the bound before or after the discount.
            prop_assert!(quoted.is_err() || sum(&quoted.expect("a quote"), |line| line.total) <= MAX_AMOUNT);
        } else {
            let quoted = quoted.expect("bounded");
            let got: Vec<[i128; 4]> = quoted
                .lines
                .iter()
                .map(|line| [line.subtotal, line.discount, line.tax, line.total].map(i128::from))
                .collect();
            prop_assert_eq!(got, wanted);
        }
    }

    #[test]
    fn every_identity_holds((lines, off, inclusive) in case()) {
        let Ok(quoted) = quote(&basket(&lines, off, inclusive)) else { return Ok(()) };
        let on_top = if inclusive { 0 } else { quoted.tax };
        prop_assert_eq!(quoted.subtotal, sum(&quoted, |line| line.subtotal));
        prop_assert_eq!(quoted.discount_total, sum(&quoted, |line| line.discount));
        prop_assert_eq!(quoted.tax, sum(&quoted, |line| line.tax));
        prop_assert_eq!(quoted.total, sum(&quoted, |line| line.total));
        prop_assert_eq!(quoted.total, quoted.subtotal - quoted.discount_total + on_top);
        for (given, line) in lines.iter().zip(&quoted.lines) {
            prop_assert!((0..=line.subtotal).contains(&line.discount) && (0..=line.total).contains(&line.tax));
            prop_assert_eq!(line.total, line.subtotal - line.discount + if inclusive { 0 } else { line.tax });
            prop_assert!(given.3 || line.discount == 0, "a line that is not eligible bears nothing");
        }
        let groups = &quoted.tax_breakdown;
        prop_assert_eq!(groups.iter().map(|group| group.tax).sum::<i64>(), quoted.tax);
        prop_assert_eq!(groups.iter().map(|group| group.gross).sum::<i64>(), quoted.total);
        prop_assert!(groups.iter().all(|group| group.net + group.tax == group.gross));
        prop_assert!(groups.windows(2).all(|pair| pair[0].rate > pair[1].rate));
    }

    #[test]
    fn inclusive_prices_never_change_what_is_charged((lines, off, _) in case()) {
        let untaxed: Vec<Line> = lines.iter().map(|line| (line.0, line.1, 0, line.3)).collect();
        let charged = |lines: &[Line]| quote(&basket(lines, off, true)).map(|quoted| quoted.total);
        prop_assert_eq!(charged(&lines), charged(&untaxed));
    }
}

#[test]
fn a_sum_beyond_the_largest_amount_is_refused() {
    let one: Line = (MAX_AMOUNT, 1, 25_500, true);
    assert!(quote(&basket(&[one], Off::Nothing, true)).is_ok());
    assert!(quote(&basket(&[one, one], Off::Nothing, true)).is_err());
    assert!(
        quote(&basket(&[one], Off::Nothing, false)).is_err(),
        "the tax on top passes it"
    );
    assert!(quote(&basket(&[(i64::MAX, 2, 0, true)], Off::Nothing, true)).is_err());
    let free = quote(&basket(&[one], Off::Hundredths(10_000), true)).expect("bounded");
    assert_eq!((free.discount_total, free.tax, free.total), (MAX_AMOUNT, 0, 0));
}

#[test]
fn an_empty_basket_costs_nothing() {
    let quoted = quote(&basket(&[], Off::Amount(500), true)).expect("bounded");
    assert_eq!((quoted.subtotal, quoted.discount_total, quoted.total), (0, 0, 0));
    assert!(quoted.tax_breakdown.is_empty());
}

#[test]
fn groups_are_by_rate_and_reason() {
    let mut basket = basket(
        &[(1_000, 1, 25_500, true), (500, 1, 0, true), (300, 1, 0, true)],
        Off::Nothing,
        true,
    );
    basket.lines[2].tax.reason = Some(TaxReason::SellerNotRegistered);
    let groups = quote(&basket).expect("bounded").tax_breakdown;
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.gross, group.tax, group.reason))
        .collect();
    assert_eq!(
        told,
        [
            (1_000, 203, None),
            (500, 0, Some(TaxReason::OutsideScope)),
            (300, 0, Some(TaxReason::SellerNotRegistered)),
        ]
    );
}
