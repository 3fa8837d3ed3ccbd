//! Whether a code applies to a basket, and to which of its lines. Pure.

use rust_decimal::Decimal;

use super::codes::model::{CodeDetail, DiscountType};
use super::refusal::Refusal;
use crate::kernel::clock::Instant;
use crate::kernel::ids::ProductId;
use crate::kernel::money::Currency;

/// What a code must know of a line.
#[derive(Clone, Copy, Debug)]
pub struct LineFacts {
    /// The product.
    pub product: ProductId,
    /// Whether the merchant has reduced its price already.
    pub reduced: bool,
    /// Unit × quantity, in minor units.
    pub subtotal: i64,
}

/// What a code takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A part, in percent.
    Percentage(Decimal),
    /// An amount in minor units, capped at what it applies to.
    Fixed(i64),
}

/// How a code applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applies {
    /// What it takes off.
    pub worth: Worth,
    /// For each line, whether it applies to it.
    pub eligible: Vec<bool>,
}

/// Every condition but the limits, which a hold decides. The validity dates bind who has no live hold only: a hold outlives them.
pub fn check(
    detail: &CodeDetail,
    currency: Currency,
    lines: &[LineFacts],
    now: Instant,
    has_live_hold: bool,
) -> Result<Applies, Refusal> {
    let code = &detail.code;
    if code.archived_at.is_some() {
        return Err(Refusal::NotFound);
    }
    if !code.active {
        return Err(Refusal::Inactive);
    }
    if !has_live_hold {
        if code.valid_from.is_some_and(|from| now < from) {
            return Err(Refusal::NotStarted);
        }
        if code.expires_at.is_some_and(|to| now >= to) {
            return Err(Refusal::Expired);
        }
    }
    let row = detail.amounts.iter().find(|row| row.currency == currency);
    let worth = match code.discount_type {
        DiscountType::Percentage => Worth::Percentage(code.percentage.unwrap_or_default()),
        DiscountType::FixedAmount => {
            let amount = row.and_then(|row| row.amount);
            Worth::Fixed(amount.ok_or(Refusal::CurrencyNotSupported)?)
        }
    };
    let eligible: Vec<bool> = lines
        .iter()
        .map(|line| {
            let for_product = code.product_ids.is_empty() || code.product_ids.contains(&line.product);
            for_product && !(code.exclude_discounted_products && line.reduced)
        })
        .collect();
    if !eligible.contains(&true) {
        return Err(Refusal::NoEligibleProducts);
    }
    if let Some(minimum) = row.and_then(|row| row.minimum_amount) {
        let sum: i64 = lines
            .iter()
            .zip(&eligible)
            .filter(|(_, on)| **on)
            .map(|(line, _)| line.subtotal)
            .sum();
        if sum < minimum {
            return Err(Refusal::BelowMinimumAmount);
        }
    }
    Ok(Applies { worth, eligible })
}
