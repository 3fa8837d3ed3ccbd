//! Whether a code applies to a basket, and to which of its lines. Pure.

use super::codes::model::{CodeTerms, DiscountType};
use super::refusal::Refusal;
use crate::kernel::clock::Instant;
use crate::kernel::ids::ProductId;
use crate::pricing::{Discount, Percentage};

/// What a code must know of a line.
#[derive(Clone, Copy, Debug)]
pub struct LineFacts {
    /// The product.
    pub product: ProductId,
    /// Whether the merchant has reduced its price already.
    pub reduced: bool,
    /// Whether the link that it comes by takes this code on it.
    pub takes_code: bool,
    /// Unit × quantity, in minor units.
    pub subtotal: i64,
}

/// How a code applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applies {
    /// What it takes off.
    pub discount: Discount,
    /// For each line, whether it applies to it.
    pub eligible: Vec<bool>,
}

/// How far a buyer has come with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The buyer has just named it.
    New,
    /// It is held: the validity dates bind it no longer.
    Held,
    /// An attempt to pay has begun: switching the code off binds it no longer either.
    Agreed,
}

/// Every condition but the limits, which a hold decides.
pub fn check(terms: &CodeTerms, lines: &[LineFacts], now: Instant, standing: Standing) -> Result<Applies, Refusal> {
    if standing != Standing::Agreed {
        if terms.archived {
            return Err(Refusal::NotFound);
        }
        if !terms.active {
            return Err(Refusal::Inactive);
        }
    }
    if standing == Standing::New {
        if terms.valid_from.is_some_and(|from| now < from) {
            return Err(Refusal::NotStarted);
        }
        if terms.valid_until.is_some_and(|to| now >= to) {
            return Err(Refusal::Expired);
        }
    }
    let discount = match terms.discount_type {
        // The database keeps percentages within the bounds; without one there is nothing to take off.
        DiscountType::Percentage => terms
            .percentage
            .and_then(|percent| Percentage::new(percent).ok())
            .map_or(Discount::None, Discount::Percentage),
        DiscountType::FixedAmount => Discount::Fixed(terms.amount.ok_or(Refusal::CurrencyNotSupported)?),
    };
    let eligible: Vec<bool> = lines.iter().map(|line| is_for(terms, line)).collect();
    if !eligible.contains(&true) {
        return Err(Refusal::NoEligibleProducts);
    }
    let on = lines.iter().zip(&eligible).filter(|(_, on)| **on);
    let sum: i64 = on.map(|(line, _)| line.subtotal).sum();
    if terms.minimum_amount.is_some_and(|minimum| sum < minimum) {
        return Err(Refusal::BelowMinimumAmount);
    }
    Ok(Applies { discount, eligible })
}

fn is_for(terms: &CodeTerms, line: &LineFacts) -> bool {
    let product = terms.product_ids.is_empty() || terms.product_ids.contains(&line.product);
    product && line.takes_code && !(terms.exclude_discounted_products && line.reduced)
}
