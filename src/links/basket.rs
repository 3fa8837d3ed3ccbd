//! What is in the basket when a link is opened, and the currency it is in. Pure; who decides on what is in [`super::deal`].

use super::model::{LinkKind, LinkTerms};
use crate::catalog::offers::sellable::{SellableItem, SellableVariant};
use crate::catalog::prices::resolve::Pair;
use crate::kernel::ids::VariantId;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Name;

/// What a buyer brings to a link.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// The variant they want.
    pub variant_id: Option<VariantId>,
    /// How many of it.
    pub quantity: Option<i32>,
    /// What they want to pay in.
    pub currency: Option<Currency>,
}

/// A line of the basket.
#[derive(Clone, Debug)]
pub struct Picked<'a> {
    /// The item.
    pub item: &'a SellableItem,
    /// What it is called here.
    pub name: &'a Name,
    /// The variant.
    pub variant: &'a SellableVariant,
    /// How many.
    pub quantity: i32,
    /// Whether it is the line that the link is about.
    pub of_link: bool,
    /// What one costs.
    pub price: Pair,
}

/// What the buyer pays in. A custom price is sold in its own currency alone.
pub fn currency(terms: &LinkTerms, default: Currency, wish: Option<Currency>) -> Result<Currency, Problem> {
    let chosen = match terms.kind {
        LinkKind::Custom => terms.currency.or(wish),
        LinkKind::Permanent => wish.or(terms.currency),
    };
    let chosen = chosen.unwrap_or(default);
    if terms.custom_price.is_some() && terms.currency != Some(chosen) {
        return Err(not_sold_in(chosen));
    }
    Ok(chosen)
}

/// Something that the offer cannot do without has no price in this currency.
pub(super) fn not_sold_in(currency: Currency) -> Problem {
    Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("this offer is not sold in {currency}"))
}

/// The variants of an item that a link sells at all.
pub fn enabled<'a>(terms: &LinkTerms, item: &'a SellableItem) -> Vec<&'a SellableVariant> {
    let listed = &terms.product_options.enabled_variants;
    let concerned = item.variants.iter().any(|variant| listed.contains(&variant.id));
    item.variants
        .iter()
        .filter(|variant| !concerned || listed.contains(&variant.id))
        .collect()
}

/// What a link is about, or what its offer cannot do without, has been archived.
pub fn no_longer_sold() -> Problem {
    Problem::new(ProblemCode::LinkInactive).detail("what this link sells is no longer sold")
}
