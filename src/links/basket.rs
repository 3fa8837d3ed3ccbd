//! What is in the basket when a link is opened: the offer's items, the link's terms, the buyer's wishes.
//!
//! Pure. On a permanent link the buyer's wishes win over the link's; on a custom one they fill only what the link leaves empty.

use super::model::{LinkKind, LinkTerms};
use crate::catalog::offers::sellable::{SellableItem, SellableVariant};
use crate::catalog::prices::resolve::Pair;
use crate::kernel::ids::VariantId;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

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

fn not_sold_in(currency: Currency) -> Problem {
    Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("this offer is not sold in {currency}"))
}

/// The variants of an item that a link lets a buyer choose from.
pub fn enabled<'a>(terms: &LinkTerms, item: &'a SellableItem) -> Vec<&'a SellableVariant> {
    let listed = &terms.product_options.enabled_variants;
    let concerned = item.variants.iter().any(|variant| listed.contains(&variant.id));
    item.variants
        .iter()
        .filter(|variant| !concerned || listed.contains(&variant.id))
        .collect()
}

/// Which item a link is about: the one with its variant, else the first.
pub fn subject(terms: &LinkTerms, items: &[SellableItem], wish: Option<VariantId>) -> Result<Subject, Problem> {
    let from_buyer = match terms.kind {
        LinkKind::Custom => terms.variant_id.is_none(),
        LinkKind::Permanent => true,
    };
    let wish = wish.filter(|_| from_buyer);
    let Some(variant) = wish.or(terms.variant_id) else {
        return Ok(Subject { item: 0, variant: None });
    };
    let found = items
        .iter()
        .position(|item| enabled(terms, item).iter().any(|known| known.id == variant));
    match found {
        Some(item) => Ok(Subject {
            item,
            variant: Some(variant),
        }),
        None if wish.is_some() => Err(Problem::invalid(
            "/variant_id",
            "not_found",
            "this link does not sell this variant",
        )),
        // The link is about something that is no longer sold.
        None => Err(no_longer_sold()),
    }
}

/// What a link is about, or what its offer cannot do without, has been archived.
pub fn no_longer_sold() -> Problem {
    Problem::new(ProblemCode::LinkInactive).detail("what this link sells is no longer sold")
}

/// What a link is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The place of the item.
    pub item: usize,
    /// The variant, if one was named.
    pub variant: Option<VariantId>,
}

/// The lines of a basket in one currency. An item without a price in it is not offered in it; if it cannot be left out, the offer is
/// not.
pub fn pick<'a>(
    terms: &LinkTerms,
    items: &'a [SellableItem],
    currency: Currency,
    wishes: &Wishes,
) -> Result<Vec<Picked<'a>>, Problem> {
    let subject = subject(terms, items, wishes.variant_id)?;
    let mut lines = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let about = place == subject.item;
        if let Some(line) = line(terms, item, about.then_some(subject), currency, wishes)? {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        return Err(not_sold_in(currency));
    }
    Ok(lines)
}

fn line<'a>(
    terms: &LinkTerms,
    item: &'a SellableItem,
    subject: Option<Subject>,
    currency: Currency,
    wishes: &Wishes,
) -> Result<Option<Picked<'a>>, Problem> {
    let allowed = enabled(terms, item);
    let listed = terms
        .checkout_data
        .variant_quantities
        .iter()
        .find(|listed| allowed.iter().any(|variant| variant.id == listed.variant_id));
    let named = subject.and_then(|subject| subject.variant);
    let wanted = named.is_some() || listed.is_some();
    if item.item.optional && !item.item.selected && !wanted {
        return Ok(None);
    }
    let of = |id: VariantId| allowed.iter().copied().find(|variant| variant.id == id);
    let chosen = named
        .or(listed.map(|listed| listed.variant_id))
        .and_then(of)
        .or_else(|| allowed.iter().copied().find(|v| v.price_in(currency).is_some()))
        .or_else(|| allowed.first().copied());
    let Some(variant) = chosen else {
        return if item.item.optional {
            Ok(None)
        } else {
            Err(no_longer_sold())
        };
    };
    let custom = terms.custom_price.filter(|_| subject.is_some()).map(|amount| Pair {
        currency,
        amount,
        discounted_amount: None,
        lowest_amount_30_days: None,
    });
    let Some(price) = custom.or_else(|| variant.price_in(currency).copied()) else {
        return if item.item.optional && !wanted {
            Ok(None)
        } else {
            Err(not_sold_in(currency))
        };
    };
    let mut quantity = listed.map(|listed| listed.quantity);
    if subject.is_some() {
        quantity = quantity.or(terms.checkout_options.quantity);
        let from_buyer = quantity.is_none() || terms.kind == LinkKind::Permanent;
        if let Some(wish) = wishes.quantity.filter(|_| from_buyer) {
            within(item, wish)?;
            quantity = Some(wish);
        }
    }
    let quantity = quantity
        .unwrap_or(item.item.quantity_default)
        .clamp(item.item.quantity_min, item.item.quantity_max);
    Ok(Some(Picked {
        item,
        variant,
        quantity,
        of_link: subject.is_some(),
        price,
    }))
}

fn within(item: &SellableItem, quantity: i32) -> Result<(), Problem> {
    let (min, max) = (item.item.quantity_min, item.item.quantity_max);
    if (min..=max).contains(&quantity) {
        Ok(())
    } else {
        Err(Problem::invalid(
            "/quantity",
            "range",
            format!("must be {min} to {max}"),
        ))
    }
}
