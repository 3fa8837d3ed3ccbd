//! The basket of a quote: the link's or the offer's, changed by what is asked for. Pure.

use super::views::{QuoteAddOnInput, QuoteLineInput};
use crate::catalog::add_ons::model::{AddOnKind, AddOnPosition};
use crate::catalog::offers::sellable::{SellableAddOn, SellableItem};
use crate::catalog::prices::resolve::Pair;
use crate::kernel::country::Country;
use crate::kernel::ids::{ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Name;
use crate::links::basket::{Picked, Wishes};
use crate::links::codes::Codes;
use crate::links::deal::{Deal, locked};
use crate::links::model::LinkTerms;
use crate::links::options::Prefilled;
use crate::orders::model::LineRole;
use crate::pricing::tax::VatCategory;

/// A line before it is priced.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is in the basket.
    pub role: LineRole,
    /// The product.
    pub product: ProductId,
    /// The variant.
    pub variant: VariantId,
    /// What it is called.
    pub name: Name,
    /// How it is taxed.
    pub category: VatCategory,
    /// Where it takes place, if it says so.
    pub place: Option<Country>,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub price: Pair,
    /// The codes that the link takes on it.
    pub codes: Codes,
}

/// What is asked of a basket.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What the buyer pays in.
    pub currency: Currency,
    /// Variants and quantities.
    pub lines: &'a [QuoteLineInput],
    /// Add-ons.
    pub add_ons: &'a [QuoteAddOnInput],
}

/// The lines of a quote.
pub fn lines(
    terms: &LinkTerms,
    items: &[SellableItem],
    add_ons: &[SellableAddOn],
    asked: Asked<'_>,
) -> Result<Vec<Line>, Problem> {
    let deal = Deal::of(terms, items)?;
    let picked = deal.pick(asked.currency, &Wishes::default())?;
    let codes = terms.codes();
    let mut lines: Vec<Line> = picked.iter().map(|line| of_item(line, &codes)).collect();
    for (index, wanted) in asked.lines.iter().enumerate() {
        change(&mut lines, (&deal, items), asked.currency, *wanted, index)?;
    }
    for (index, wanted) in asked.add_ons.iter().enumerate() {
        add(&mut lines, (add_ons, &codes), asked.currency, *wanted, index)?;
    }
    Ok(lines)
}

fn of_item(picked: &Picked<'_>, codes: &Codes) -> Line {
    Line {
        role: LineRole::Main,
        product: picked.item.item.product_id,
        variant: picked.variant.id,
        name: picked.name.clone(),
        category: picked.item.item.vat_type.into(),
        place: picked.item.item.place_country,
        quantity: picked.quantity,
        price: picked.price,
        codes: codes.clone(),
    }
}

fn bounded(quantity: i32, min: i32, max: i32, pointer: String) -> Result<i32, Problem> {
    if (min..=max).contains(&quantity) {
        Ok(quantity)
    } else {
        Err(Problem::invalid(pointer, "range", format!("must be {min} to {max}")))
    }
}

fn not_offered(currency: Currency) -> Problem {
    Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("this is not sold in {currency}"))
}

/// Gives the item of a variant that variant and quantity, where the link leaves it to the buyer; an optional item that was left out
/// comes in.
fn change(
    lines: &mut Vec<Line>,
    (deal, items): (&Deal<'_>, &[SellableItem]),
    currency: Currency,
    wanted: QuoteLineInput,
    index: usize,
) -> Result<(), Problem> {
    let pointer = |field: &str| format!("/lines/{index}/{field}");
    let found = deal.place_of(wanted.variant_id).and_then(|place| {
        let item = items.get(place)?;
        let variant = item.variants.iter().find(|variant| variant.id == wanted.variant_id)?;
        Some((place, item, variant))
    });
    let (place, item, variant) = found.ok_or_else(|| {
        Problem::invalid(
            pointer("variant_id"),
            "not_found",
            "this offer does not sell this variant",
        )
    })?;
    if let Some(field) = deal.fixed(place, currency, Some(variant.id), wanted.quantity)? {
        return Err(locked(pointer(field)));
    }
    let choice = &item.item;
    let there = lines.iter_mut().find(|line| line.product == choice.product_id);
    let usual = match &there {
        Some(line) if deal.terms().locks(Prefilled::VariantQuantities) => line.quantity,
        _ => choice.quantity_default,
    };
    let quantity = wanted.quantity.unwrap_or(usual);
    let quantity = bounded(quantity, choice.quantity_min, choice.quantity_max, pointer("quantity"))?;
    let line = Line {
        role: LineRole::Main,
        product: choice.product_id,
        variant: variant.id,
        name: deal.name(place, item).clone(),
        category: choice.vat_type.into(),
        place: choice.place_country,
        quantity,
        price: deal
            .price(place, variant, currency)
            .ok_or_else(|| not_offered(currency))?,
        codes: deal.terms().codes(),
    };
    match there {
        Some(there) => *there = line,
        None => lines.push(line),
    }
    Ok(())
}

/// Adds a line, or puts an upgrade in the place of the product it replaces.
fn add(
    lines: &mut Vec<Line>,
    (add_ons, codes): (&[SellableAddOn], &Codes),
    currency: Currency,
    wanted: QuoteAddOnInput,
    index: usize,
) -> Result<(), Problem> {
    let pointer = |field: &str| format!("/add_ons/{index}/{field}");
    let found = add_ons.iter().find(|known| known.add_on.add_on_id == wanted.add_on_id);
    let found =
        found.ok_or_else(|| Problem::invalid(pointer("add_on_id"), "not_found", "this offer has no such add-on"))?;
    let choice = &found.add_on;
    let quantity = wanted.quantity.unwrap_or(choice.quantity_default);
    let quantity = bounded(quantity, choice.quantity_min, choice.quantity_max, pointer("quantity"))?;
    let price = found.prices.iter().find(|pair| pair.currency == currency).copied();
    let line = Line {
        role: match (choice.kind, choice.position) {
            (AddOnKind::Upgrade, _) => LineRole::Upgrade,
            (AddOnKind::Add, AddOnPosition::OrderBump) => LineRole::OrderBump,
            (AddOnKind::Add, AddOnPosition::PreUpsell) => LineRole::PreUpsell,
        },
        product: choice.product_id,
        variant: choice.variant_id,
        name: choice.name.clone(),
        category: choice.vat_type.into(),
        place: choice.place_country,
        quantity,
        price: price.ok_or_else(|| not_offered(currency))?,
        codes: codes.clone(),
    };
    match choice.kind {
        AddOnKind::Add => lines.push(line),
        AddOnKind::Upgrade => {
            let replaced = lines
                .iter_mut()
                .find(|there| Some(there.product) == choice.replaces_product_id);
            let replaced = replaced.ok_or_else(|| {
                Problem::invalid(
                    pointer("add_on_id"),
                    "nothing_to_replace",
                    "what this upgrade replaces is not in the basket",
                )
            })?;
            *replaced = line;
        }
    }
    Ok(())
}
