//! The quote: every line and total of a basket.

use rust_decimal::Decimal;

use super::discount::{Discount, spread};
use super::tax::{TaxDecision, TaxReason};
use crate::kernel::country::Country;
use crate::kernel::money::{AmountTooLarge, add, round, times};

/// What is to be computed.
#[derive(Clone, Debug)]
pub struct Basket {
    /// In the order the buyer sees.
    pub lines: Vec<BasketLine>,
    /// What is taken off.
    pub discount: Discount,
    /// Whether unit amounts contain the tax, or it comes on top.
    pub prices_include_tax: bool,
}

/// What one line of a basket is worth. Amounts are not negative and quantities at least 1: the database and the wire see to that.
#[derive(Clone, Debug)]
pub struct BasketLine {
    /// What one unit costs now, in minor units.
    pub unit_amount: i64,
    /// What one unit cost before the merchant's own reduction, where there is one.
    pub original_unit_amount: Option<i64>,
    /// How many.
    pub quantity: i32,
    /// The tax that applies to it.
    pub tax: TaxDecision,
    /// Whether the basket's discount applies to it.
    pub discountable: bool,
}

/// One line, computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineQuote {
    /// What one unit costs now.
    pub unit_amount: i64,
    /// What one unit cost before the merchant's own reduction, where there is one.
    pub original_unit_amount: Option<i64>,
    /// How many.
    pub quantity: i32,
    /// Unit × quantity.
    pub subtotal: i64,
    /// This line's share of the discount.
    pub discount: i64,
    /// Percent.
    pub tax_rate: Decimal,
    /// Where the tax is due.
    pub tax_country: Option<Country>,
    /// Why there is none.
    pub tax_reason: Option<TaxReason>,
    /// Rounded per line, half away from zero; fixed from here on.
    pub tax: i64,
    /// What is paid for the line.
    pub total: i64,
}

/// What of a line counts for the breakdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taxed {
    /// Percent.
    pub rate: Decimal,
    /// Why there is no tax.
    pub reason: Option<TaxReason>,
    /// The line's tax.
    pub tax: i64,
    /// The line's total.
    pub total: i64,
}

impl From<&LineQuote> for Taxed {
    fn from(line: &LineQuote) -> Self {
        Self {
            rate: line.tax_rate,
            reason: line.tax_reason,
            tax: line.tax,
            total: line.total,
        }
    }
}

/// Lines that share a rate and a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxGroup {
    /// Percent.
    pub rate: Decimal,
    /// Why there is no tax.
    pub reason: Option<TaxReason>,
    /// Gross less tax.
    pub net: i64,
    /// The sum of the lines' taxes.
    pub tax: i64,
    /// The sum of the lines' totals.
    pub gross: i64,
}

/// A basket, computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// In the order of the basket.
    pub lines: Vec<LineQuote>,
    /// Sum of the lines' subtotals.
    pub subtotal: i64,
    /// Sum of the lines' discounts.
    pub discount_total: i64,
    /// Sum of the lines' taxes.
    pub tax: i64,
    /// Sum of the lines' totals: what there is to pay.
    pub total: i64,
    /// By rate, highest first.
    pub tax_breakdown: Vec<TaxGroup>,
}

/// Computes a basket.
pub fn quote(basket: &Basket) -> Result<Quote, AmountTooLarge> {
    let subtotals = basket
        .lines
        .iter()
        .map(|line| times(line.unit_amount, i64::from(line.quantity)))
        .collect::<Result<Vec<_>, _>>()?;
    let shares = shares(basket, &subtotals)?;
    let lines = (basket.lines.iter().zip(subtotals).zip(shares))
        .map(|((line, subtotal), discount)| quote_line(line, subtotal, discount, basket.prices_include_tax))
        .collect::<Result<Vec<_>, _>>()?;
    let sum = |part: fn(&LineQuote) -> i64| lines.iter().try_fold(0, |sum, line| add(sum, part(line)));
    Ok(Quote {
        subtotal: sum(|line| line.subtotal)?,
        discount_total: sum(|line| line.discount)?,
        tax: sum(|line| line.tax)?,
        total: sum(|line| line.total)?,
        tax_breakdown: breakdown(lines.iter().map(Taxed::from))?,
        lines,
    })
}

/// Each line's share of the discount.
fn shares(basket: &Basket, subtotals: &[i64]) -> Result<Vec<i64>, AmountTooLarge> {
    let lines = basket.lines.iter().zip(subtotals);
    let weights: Vec<i64> = lines
        .map(|(line, subtotal)| if line.discountable { *subtotal } else { 0 })
        .collect();
    let eligible = weights.iter().try_fold(0, |sum, weight| add(sum, *weight))?;
    Ok(spread(basket.discount.worth(eligible)?, &weights))
}

fn quote_line(
    line: &BasketLine,
    subtotal: i64,
    discount: i64,
    prices_include_tax: bool,
) -> Result<LineQuote, AmountTooLarge> {
    let payable = subtotal - discount;
    let rate = line.tax.rate;
    let base = Decimal::from(payable) * rate;
    let (tax, total) = if prices_include_tax {
        (round(base / (Decimal::ONE_HUNDRED + rate))?, payable)
    } else {
        let tax = round(base / Decimal::ONE_HUNDRED)?;
        (tax, add(payable, tax)?)
    };
    Ok(LineQuote {
        unit_amount: line.unit_amount,
        original_unit_amount: line.original_unit_amount,
        quantity: line.quantity,
        subtotal,
        discount,
        tax_rate: rate,
        tax_country: line.tax.country,
        tax_reason: line.tax.reason,
        tax,
        total,
    })
}

/// Groups computed lines by rate and reason, highest rate first: the taxes of the lines are added, never computed again.
pub fn breakdown(lines: impl IntoIterator<Item = Taxed>) -> Result<Vec<TaxGroup>, AmountTooLarge> {
    let mut groups: Vec<TaxGroup> = Vec::new();
    for line in lines {
        let place = groups
            .iter()
            .position(|group| group.rate == line.rate && group.reason == line.reason);
        let group = match place {
            Some(place) => &mut groups[place],
            None => {
                groups.push(TaxGroup {
                    rate: line.rate,
                    reason: line.reason,
                    net: 0,
                    tax: 0,
                    gross: 0,
                });
                let last = groups.len() - 1;
                &mut groups[last]
            }
        };
        group.gross = add(group.gross, line.total)?;
        group.tax = add(group.tax, line.tax)?;
        group.net = group.gross - group.tax;
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.rate));
    Ok(groups)
}
