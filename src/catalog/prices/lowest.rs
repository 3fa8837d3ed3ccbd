//! The lowest price of the 30 days before a discount.
//!
//! Directive 98/6/EC, article 6a: whoever announces a price reduction states the prior price, the lowest one applied during at least
//! 30 days before the reduction. A deeper discount is a new reduction: the option of article 6a(5), to go on stating the price before
//! the first of several, is not law everywhere and is not used.

use chrono::TimeDelta;

use super::model::PastPrice;
use crate::kernel::clock::Instant;

/// How far back one has to look.
pub const DAYS: i64 = 30;

/// The lowest price charged in the 30 days before a moment, of something whose price comes from the first of several levels that has
/// one. Each level is ascending in time. Nothing when it had no price then.
pub fn lowest_before(levels: &[Vec<&PastPrice>], moment: Instant) -> Option<i64> {
    let begin = moment - TimeDelta::days(DAYS);
    let inside = levels.iter().flatten().map(|past| past.valid_from);
    // Prices stand still between these moments.
    std::iter::once(begin)
        .chain(inside.filter(|from| (begin..moment).contains(from)))
        .filter_map(|at| charged_at(levels, at))
        .min()
}

fn charged_at(levels: &[Vec<&PastPrice>], at: Instant) -> Option<i64> {
    levels.iter().find_map(|level| {
        let holds = level.iter().rev().find(|past| past.valid_from <= at)?;
        holds.charged()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(number: i64) -> Instant {
        Instant::UNIX_EPOCH + TimeDelta::days(number)
    }

    fn past(from: i64, amount: Option<i64>, discounted_amount: Option<i64>) -> PastPrice {
        PastPrice {
            owner_id: Uuid::nil(),
            variant_id: None,
            currency: "EUR".parse().expect("a currency"),
            amount,
            discounted_amount,
            valid_from: day(from),
        }
    }

    fn lowest(levels: &[&[PastPrice]], at: i64) -> Option<i64> {
        let levels: Vec<Vec<&PastPrice>> = levels.iter().map(|level| level.iter().collect()).collect();
        lowest_before(&levels, day(at))
    }

    #[test]
    fn looks_back_thirty_days() {
        let own = [
            past(0, Some(100), None),
            past(10, Some(80), None),
            past(20, Some(120), None),
        ];
        assert_eq!(lowest(&[&own], 30), Some(80), "a lower price within the time");
        assert_eq!(lowest(&[&own], 49), Some(80), "still charged when the time began");
        assert_eq!(lowest(&[&own], 50), Some(120), "raised the very moment the time began");
        assert_eq!(lowest(&[&own], 0), None, "nothing before the first price");
        let sale = [
            past(0, Some(100), None),
            past(1, Some(100), Some(70)),
            past(2, Some(100), None),
        ];
        assert_eq!(lowest(&[&sale], 20), Some(70), "an earlier sale counts");
        let gone = [past(0, Some(50), None), past(1, None, None), past(60, Some(100), None)];
        assert_eq!(lowest(&[&gone], 70), Some(100), "what was not sold had no price");
    }

    #[test]
    fn the_level_that_gave_the_price_then_counts() {
        let item = [past(40, Some(90), None)];
        let product = [past(0, Some(100), None), past(50, Some(10), None)];
        assert_eq!(
            lowest(&[&item, &product], 60),
            Some(90),
            "the item's own price hid the product's"
        );
        assert_eq!(lowest(&[&[], &product], 60), Some(10));
        assert_eq!(
            lowest(&[&item, &product], 40),
            Some(100),
            "before the item had a price of its own"
        );
    }
}
