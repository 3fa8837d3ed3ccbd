//! Prices a basket: the one way in which lines, taxes and a code come together, for quotes and for sessions. Pure.

use chrono::NaiveDate;

use crate::discounts::eligibility::{Applies, LineFacts};
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::ids::ProductId;
use crate::kernel::money::{AmountTooLarge, times};
use crate::links::codes::Codes;
use crate::pricing::tax::{Buyer, Seller, VatCategory, decide};
use crate::pricing::{Basket, BasketLine, Discount, Quote, quote};

/// What pricing must know of a line.
#[derive(Clone, Debug)]
pub struct Item {
    /// The product.
    pub product: ProductId,
    /// How it is taxed.
    pub category: VatCategory,
    /// Where it takes place, if it says so.
    pub place: Option<Country>,
    /// How many.
    pub quantity: i32,
    /// What one costs, in minor units.
    pub unit_amount: i64,
    /// What one would cost without the merchant's own reduction.
    pub original_unit_amount: Option<i64>,
    /// The codes that the link it comes by takes on it.
    pub codes: Codes,
}

/// Who sells to whom, where and when.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who sells.
    pub seller: Seller,
    /// Who buys.
    pub buyer: Buyer,
    /// Where the shop sells from.
    pub place: Country,
    /// The day whose rates hold.
    pub today: NaiveDate,
    /// Whether prices include VAT.
    pub prices_include_tax: bool,
}

/// What a code must know of lines.
pub fn facts(items: &[Item], code: &CodeText) -> Result<Vec<LineFacts>, AmountTooLarge> {
    let facts = items.iter().map(|item| {
        Ok(LineFacts {
            product: item.product,
            reduced: item.original_unit_amount.is_some(),
            takes_code: item.codes.take(code),
            subtotal: times(item.unit_amount, i64::from(item.quantity))?,
        })
    });
    facts.collect()
}

/// The quote of lines, line for line.
pub fn price(items: &[Item], rules: &Rules, code: Option<&Applies>) -> Result<Quote, AmountTooLarge> {
    let line = |(index, item): (usize, &Item)| BasketLine {
        unit_amount: item.unit_amount,
        original_unit_amount: item.original_unit_amount,
        quantity: item.quantity,
        tax: decide(
            &rules.seller,
            rules.buyer,
            item.category,
            item.place.unwrap_or(rules.place),
            rules.today,
        ),
        discountable: code.is_some_and(|code| code.eligible[index]),
    };
    quote(&Basket {
        lines: items.iter().enumerate().map(line).collect(),
        discount: code.map_or(Discount::None, |code| code.discount),
        prices_include_tax: rules.prices_include_tax,
    })
}
