//! What clients send and see of prices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{NewPrice, Price};
use super::resolve::Pair;
use crate::kernel::money::Currency;
use crate::kernel::places::{each_once, within};

/// A price in one currency.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "discounted_is_lower"))]
pub struct PriceInput {
    /// The currency.
    pub currency: Currency,
    /// Minor units, per unit.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99999999999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 4900)]
    pub amount: i64,
    /// A lower price that is paid instead; the buyer sees `amount` struck through.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99999999999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 3900)]
    pub discounted_amount: Option<i64>,
}

/// Each currency at most once.
pub fn one_price_per_currency(prices: &[PriceInput]) -> Result<(), ValidationError> {
    each_once(
        prices,
        |price| price.currency,
        || ValidationError::new("duplicate_currency").with_message("each currency at most once".into()),
    )
}

fn discounted_is_lower(price: &PriceInput) -> Result<(), ValidationError> {
    match price.discounted_amount {
        Some(discounted) if discounted >= price.amount => Err(not_lower()),
        _ => Ok(()),
    }
}

/// What is said of a discount that is none.
pub fn not_lower() -> ValidationError {
    let refusal = ValidationError::new("not_lower").with_message("must be lower than amount".into());
    within(refusal, "discounted_amount")
}

impl From<PriceInput> for NewPrice {
    fn from(input: PriceInput) -> Self {
        Self {
            variant_id: None,
            currency: input.currency,
            amount: input.amount,
            discounted_amount: input.discounted_amount,
        }
    }
}

/// A price in one currency, as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceView {
    /// The currency.
    pub currency: Currency,
    /// Minor units, per unit.
    #[schema(example = 4900)]
    pub amount: i64,
    /// A lower price that is paid instead; the buyer sees `amount` struck through.
    #[schema(example = 3900)]
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before the discount began, to be shown beside it (Directive 98/6/EC, article 6a). Null
    /// without a discount, and when it was not sold before.
    #[schema(example = 4500)]
    pub lowest_amount_30_days: Option<i64>,
}

impl From<Price> for PriceView {
    fn from(row: Price) -> Self {
        Self {
            currency: row.currency,
            amount: row.amount,
            discounted_amount: row.discounted_amount,
            lowest_amount_30_days: row.lowest_amount_30_days,
        }
    }
}

/// A price a buyer sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicPrice)]
pub struct PublicPriceView {
    /// The currency.
    pub currency: Currency,
    /// What one costs, in minor units.
    #[schema(example = 3900)]
    pub unit_amount: i64,
    /// The price before the discount, struck through.
    #[schema(example = 4900)]
    pub original_unit_amount: Option<i64>,
    /// The lowest price of the 30 days before the discount began; to be shown wherever the discount is.
    #[schema(example = 4500)]
    pub lowest_amount_30_days: Option<i64>,
}

impl From<Pair> for PublicPriceView {
    fn from(pair: Pair) -> Self {
        Self {
            currency: pair.currency,
            unit_amount: pair.charged(),
            original_unit_amount: pair.original(),
            lowest_amount_30_days: pair.lowest_amount_30_days,
        }
    }
}
