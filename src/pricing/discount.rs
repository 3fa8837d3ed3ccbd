//! Discounts: what one is worth on a basket, and which line bears how much of it.

use std::fmt;

use rust_decimal::Decimal;

use crate::kernel::money::{AmountTooLarge, round};

/// A percentage that a discount can have: 0.01 to 100, two decimals at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentage(Decimal);

impl Percentage {
    /// Refused outside of 0.01 to 100, and with more than two decimals.
    pub fn new(percent: Decimal) -> Result<Self, InvalidPercentage> {
        let percent = percent.normalize();
        let within = percent > Decimal::ZERO && percent <= Decimal::ONE_HUNDRED;
        if within && percent.scale() <= 2 {
            Ok(Self(percent))
        } else {
            Err(InvalidPercentage)
        }
    }

    /// Percent.
    pub fn get(self) -> Decimal {
        self.0
    }
}

/// The number is not a percentage from 0.01 to 100 with two decimals at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPercentage;

impl fmt::Display for InvalidPercentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a percentage is from 0.01 to 100, with two decimals at most")
    }
}

impl std::error::Error for InvalidPercentage {}

/// What is taken off a basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// Nothing.
    None,
    /// So much of the eligible subtotal.
    Percentage(Percentage),
    /// So many minor units, capped at the eligible subtotal.
    Fixed(i64),
}

impl Discount {
    /// Minor units off an eligible subtotal: rounded once, never more than the subtotal, never less than nothing.
    pub fn worth(self, eligible: i64) -> Result<i64, AmountTooLarge> {
        match self {
            Self::None => Ok(0),
            Self::Percentage(percentage) => round(Decimal::from(eligible) * percentage.get() / Decimal::ONE_HUNDRED),
            Self::Fixed(amount) => Ok(amount.clamp(0, eligible.max(0))),
        }
    }
}

/// Spreads an amount over weights by largest remainder; of equal remainders the first line wins.
///
/// The shares add up to the amount. Where the amount is at most the sum of the weights, no share exceeds its weight. Weights are
/// not negative; without any weight there is nothing to spread over, and every share is 0.
pub fn spread(amount: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    // Amounts are below 10^11: a share is at most the amount, so it fits, and the products stay far below 2^127.
    let exact = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut shares: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(exact(weight) / whole).unwrap_or_default())
        .collect();
    let missing = usize::try_from(amount - shares.iter().sum::<i64>()).unwrap_or_default();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // Stable: lines of equal remainders stay in their order.
    order.sort_by_key(|line| std::cmp::Reverse(exact(&weights[*line]) % whole));
    for line in order.into_iter().take(missing) {
        shares[line] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(text: &str) -> Result<Percentage, InvalidPercentage> {
        Percentage::new(text.parse().expect("a decimal"))
    }

    #[test]
    fn percentages_have_two_decimals() {
        for right in ["0.01", "12.5", "33.33", "100", "100.00", "7.500"] {
            assert!(percent(right).is_ok(), "{right}");
        }
        for wrong in ["0", "0.001", "-1", "100.01", "33.333"] {
            assert_eq!(percent(wrong), Err(InvalidPercentage), "{wrong}");
        }
    }

    #[test]
    fn worth_is_rounded_once_and_capped() {
        let half = Discount::Percentage(percent("58").expect("a percentage"));
        assert_eq!(half.worth(25), Ok(15), "14.5 is 15, and not the 14 of a float");
        assert_eq!(Discount::Fixed(500).worth(300), Ok(300));
        assert_eq!(Discount::Fixed(500).worth(501), Ok(500));
        assert_eq!(Discount::None.worth(501), Ok(0));
    }

    #[test]
    fn ties_go_to_the_first_line() {
        assert_eq!(spread(1, &[100, 100, 100]), [1, 0, 0]);
        assert_eq!(spread(10, &[100, 100, 100]), [4, 3, 3]);
        assert_eq!(spread(5, &[1, 1, 8]), [1, 0, 4]);
        assert_eq!(spread(100, &[0, 33, 67]), [0, 33, 67]);
        assert_eq!(spread(0, &[5, 5]), [0, 0]);
        assert_eq!(spread(7, &[0, 0]), [0, 0]);
        assert_eq!(spread(7, &[]), Vec::<i64>::new());
    }
}
