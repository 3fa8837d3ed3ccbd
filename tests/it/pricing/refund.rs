//! The tax in refunds: whatever the steps, they end on the line's tax.

use kassa::pricing::{refund_tax, spread};
use proptest::prelude::*;

/// A line's gross, its tax (of any inclusive rate below 100 %), and the sizes of the steps in parts of what is left.
fn line() -> impl Strategy<Value = (i64, i64, Vec<u32>)> {
    (1_i64..=99_999_999_999, 0_i64..=1_000).prop_flat_map(|(gross, share)| {
        // At most half of the gross: a rate of 100 %.
        let tax = i64::try_from(i128::from(gross) * i128::from(share) / 2_000).expect("below the gross");
        (Just(gross), Just(tax), prop::collection::vec(0_u32..=100, 0..12))
    })
}

/// `numerator / denominator`, half up, by comparing twice the rest: nothing is negative here.
fn rounded(numerator: i128, denominator: i128) -> i64 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    i64::try_from(whole + i128::from(2 * rest >= denominator)).expect("a bounded amount")
}

proptest! {
    #[test]
    fn any_sequence_ends_on_the_tax_of_the_line((gross, tax, steps) in line()) {
        let (mut done, mut done_tax) = (0_i64, 0_i64);
        for step in steps.into_iter().map(Some).chain([None]) {
            let left = gross - done;
            let amount = step.map_or(left, |part| left * i64::from(part) / 100);
            let part = refund_tax(tax, gross, done, done_tax, amount);
            prop_assert!((0..=amount).contains(&part), "{part} of {amount}");
            (done, done_tax) = (done + amount, done_tax + part);
            prop_assert_eq!(done_tax, rounded(i128::from(tax) * i128::from(done), i128::from(gross)));
        }
        prop_assert_eq!((done, done_tax), (gross, tax));
    }

    #[test]
    fn refunds_that_fail_leave_no_tax_behind((gross, tax, steps) in line(), fails in prop::collection::vec(any::<bool>(), 12)) {
        let mut kept: Vec<(i64, i64)> = Vec::new();
        let sums = |kept: &[(i64, i64)]| kept.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        for (step, fails) in steps.into_iter().zip(fails) {
            let (done, done_tax) = sums(&kept);
            let amount = (gross - done) * i64::from(step) / 100;
            kept.push((amount, refund_tax(tax, gross, done, done_tax, amount)));
            // The one that fails is an earlier one: what came after it was computed with it.
            if fails {
                kept.remove(kept.len() / 2);
            }
            let (_, done_tax) = sums(&kept);
            prop_assert!((0..=tax).contains(&done_tax), "{done_tax} of {tax}");
        }
        let (done, done_tax) = sums(&kept);
        prop_assert_eq!(done_tax + refund_tax(tax, gross, done, done_tax, gross - done), tax);
    }
}

proptest! {
    /// What was let go of an order, and comes after all in whatever parts: no line is let off more than it costs, none gets back more
    /// than it was let off, and in the end nothing is missing.
    #[test]
    fn what_is_let_go_is_made_up_line_by_line(
        totals in prop::collection::vec(0_i64..=99_999_999, 1..8), part in 0_i64..=1_000, steps in prop::collection::vec(0_i64..=100, 0..8)
    ) {
        let total: i64 = totals.iter().sum();
        let missing = total * part / 1_000;
        let mut unpaid = spread(missing, &totals);
        prop_assert_eq!(unpaid.iter().sum::<i64>(), missing);
        prop_assert!(unpaid.iter().zip(&totals).all(|(unpaid, total)| (0..=*total).contains(unpaid)));
        for step in steps.into_iter().chain([100]) {
            let left: i64 = unpaid.iter().sum();
            let comes = left * step / 100;
            let shares = spread(comes, &unpaid);
            for (line, share) in unpaid.iter_mut().zip(shares) {
                prop_assert!((0..=*line).contains(&share));
                *line -= share;
            }
            prop_assert_eq!(unpaid.iter().sum::<i64>(), left - comes);
        }
        prop_assert!(unpaid.iter().all(|line| *line == 0));
    }
}

#[test]
fn a_line_of_nothing_has_no_tax_to_give_back() {
    assert_eq!(refund_tax(0, 0, 0, 0, 0), 0);
    // 32, 9, 8, 3, 6 and the rest of 62 gross with 10 tax: rules that round each part alone end on 8.
    let mut done = (0, 0);
    for amount in [32, 9, 8, 3, 6, 4] {
        done = (done.0 + amount, done.1 + refund_tax(10, 62, done.0, done.1, amount));
    }
    assert_eq!(done, (62, 10));
}
