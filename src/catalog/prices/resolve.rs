//! Which price holds: per currency, the first level that has one gives the whole pair.

use uuid::Uuid;

use super::model::LevelPrice;
use crate::kernel::ids::VariantId;
use crate::kernel::money::Currency;

/// What is charged, and what is struck through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    pub amount: i64,
    /// A lower price that is paid instead.
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before the discount.
    pub lowest_amount_30_days: Option<i64>,
}

impl Pair {
    /// What is paid.
    pub fn charged(&self) -> i64 {
        self.discounted_amount.unwrap_or(self.amount)
    }

    /// What is struck through.
    pub fn original(&self) -> Option<i64> {
        self.discounted_amount.map(|_| self.amount)
    }
}

/// The price of a variant of a line in one currency: the pair of the first level that has one. A discount of one level is never
/// combined with the amount of another.
pub fn pair_in(levels: &[LevelPrice], line: Uuid, variant: VariantId, currency: Currency) -> Option<Pair> {
    levels
        .iter()
        .filter(|price| price.line_id == line && price.currency == currency)
        .filter(|price| price.variant_id.is_none_or(|only| only == variant))
        .min_by_key(|price| price.level)
        .map(|price| Pair {
            currency,
            amount: price.amount,
            discounted_amount: price.discounted_amount,
            lowest_amount_30_days: price.discounted_amount.and(price.lowest_amount_30_days),
        })
}

/// Every price of a variant of a line, by currency code.
pub fn pairs(levels: &[LevelPrice], line: Uuid, variant: VariantId) -> Vec<Pair> {
    let mut found: Vec<Pair> = currencies(levels.iter().filter(|price| price.line_id == line))
        .into_iter()
        .filter_map(|currency| pair_in(levels, line, variant, currency))
        .collect();
    found.sort_by_key(|pair| pair.currency.code());
    found
}

/// The currencies of some prices, each once, by code.
pub fn currencies<'a>(levels: impl Iterator<Item = &'a LevelPrice>) -> Vec<Currency> {
    let mut found: Vec<Currency> = levels.map(|price| price.currency).collect();
    found.sort_by_key(|currency| currency.code());
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur() -> Currency {
        "EUR".parse().expect("a currency")
    }

    fn price(level: i32, variant: Option<u128>, amount: i64, discounted_amount: Option<i64>) -> LevelPrice {
        LevelPrice {
            line_id: Uuid::from_u128(1),
            variant_id: variant.map(|id| VariantId::from_uuid(Uuid::from_u128(id))),
            level,
            currency: eur(),
            amount,
            discounted_amount,
            lowest_amount_30_days: None,
        }
    }

    #[test]
    fn the_first_level_gives_the_whole_pair() {
        let all = [
            price(4, None, 100, Some(90)),
            price(3, Some(7), 80, None),
            price(2, None, 70, Some(60)),
            price(1, Some(7), 50, None),
        ];
        let charged = |levels: &[LevelPrice], variant: u128| {
            let variant = VariantId::from_uuid(Uuid::from_u128(variant));
            pair_in(levels, Uuid::from_u128(1), variant, eur()).map(|pair| (pair.amount, pair.discounted_amount))
        };
        assert_eq!(
            charged(&all, 7),
            Some((50, None)),
            "never the discount of another level"
        );
        assert_eq!(charged(&all, 8), Some((70, Some(60))));
        assert_eq!(charged(&all[..2], 7), Some((80, None)));
        assert_eq!(charged(&all[..2], 8), Some((100, Some(90))));
        assert_eq!(charged(&[], 7), None);
    }
}
