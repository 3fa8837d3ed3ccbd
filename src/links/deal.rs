//! What a link makes of its offer: the one place that says what it fixes, what a buyer may still choose, and what that costs.
//!
//! The page before a session, the session, the quote and the preview all ask here. Pure. Two things no buyer changes:
//! - a price of the link's own is for one variant of the item that the link is about, so that item is sold as this variant only;
//! - locked `variant_quantities` fix every variant and every quantity.
//!
//! A wish for what is fixed is refused on a permanent link. On a custom one it is passed over, as everything is that its merchant
//! has decided. For the rest the buyer's wishes win on a permanent link; on a custom one they fill only what the link leaves empty.

use super::basket::{Picked, Wishes, enabled, no_longer_sold, not_sold_in};
use super::model::{LinkKind, LinkTerms};
use super::options::{Prefilled, VariantQuantity};
use crate::catalog::offers::sellable::{SellableItem, SellableVariant};
use crate::catalog::prices::resolve::Pair;
use crate::kernel::ids::VariantId;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::text::Name;

/// The terms of a link on the items of its offer.
#[derive(Clone, Copy, Debug)]
pub struct Deal<'a> {
    terms: &'a LinkTerms,
    items: &'a [SellableItem],
    about: usize,
}

/// What is left of a buyer's wishes, and the item that they are about.
#[derive(Clone, Copy, Debug)]
struct Aim {
    place: usize,
    variant: Option<VariantId>,
    quantity: Option<i32>,
}

impl<'a> Deal<'a> {
    /// The link is about the item with its variant, else about the first.
    pub fn of(terms: &'a LinkTerms, items: &'a [SellableItem]) -> Result<Self, Problem> {
        let about = match terms.variant_id {
            None => 0,
            Some(variant) => place_of(terms, items, variant).ok_or_else(no_longer_sold)?,
        };
        Ok(Self { terms, items, about })
    }

    /// The terms.
    pub const fn terms(&self) -> &'a LinkTerms {
        self.terms
    }

    /// The item that sells a variant here, by its place.
    pub fn place_of(&self, variant: VariantId) -> Option<usize> {
        place_of(self.terms, self.items, variant)
    }

    /// Whether an item is the one that the link is about: what the link says of its product holds for it.
    pub const fn is_about(&self, place: usize) -> bool {
        place == self.about
    }

    /// The only currency it sells in, if there is one: that of its own price.
    pub fn only(&self) -> Option<Currency> {
        self.own_price().map(|pair| pair.currency)
    }

    /// What an item is called.
    pub fn name<'b>(&self, place: usize, item: &'b SellableItem) -> &'b Name
    where
        'a: 'b,
    {
        let own = self.terms.product_options.name.as_ref();
        own.filter(|_| self.is_about(place)).unwrap_or(&item.item.name)
    }

    /// The variants of an item that a buyer may choose from.
    pub fn choices(&self, place: usize) -> Vec<&'a SellableVariant> {
        match self.own_variant(place) {
            Some(own) => vec![own],
            None => self.enabled(place),
        }
    }

    /// What one of a variant costs: by the link's own price, else by the catalogue. Nothing where it is not sold.
    pub fn price(&self, place: usize, variant: &SellableVariant, currency: Currency) -> Option<Pair> {
        self.prices(place, variant)
            .into_iter()
            .find(|pair| pair.currency == currency)
    }

    /// The same in every currency that it is sold in.
    pub fn prices(&self, place: usize, variant: &SellableVariant) -> Vec<Pair> {
        let Some(own) = self.own_price() else {
            return variant.prices.clone();
        };
        if self.own_variant(place).is_some_and(|known| known.id == variant.id) {
            return vec![own];
        }
        let prices = variant.prices.iter().filter(|pair| pair.currency == own.currency);
        prices.copied().collect()
    }

    /// Which part of a wish for an item differs from what the merchant has fixed: `variant_id` or `quantity`.
    pub fn fixed(
        &self,
        place: usize,
        currency: Currency,
        variant: Option<VariantId>,
        quantity: Option<i32>,
    ) -> Result<Option<&'static str>, Problem> {
        let own = self.own_variant(place);
        if variant.is_some_and(|wish| own.is_some_and(|own| own.id != wish)) {
            return Ok(Some("variant_id"));
        }
        if !self.terms.locks(Prefilled::VariantQuantities) {
            return Ok(None);
        }
        let as_it_is = self.line(place, currency, self.no_wish())?;
        let (known, count) = match &as_it_is {
            Some(line) => (Some(line.variant.id), Some(line.quantity)),
            None => (None, None),
        };
        Ok(match (variant, quantity) {
            (Some(_), _) if variant != known => Some("variant_id"),
            (_, Some(_)) if quantity != count => Some("quantity"),
            _ => None,
        })
    }

    /// The lines of a basket in one currency. An item without a price in it is not offered in it; if it cannot be left out, the offer
    /// is not.
    pub fn pick(&self, currency: Currency, wishes: &Wishes) -> Result<Vec<Picked<'a>>, Problem> {
        let aim = self.aim(currency, wishes)?;
        let mut lines = Vec::with_capacity(self.items.len());
        for place in 0..self.items.len() {
            lines.extend(self.line(place, currency, aim)?);
        }
        if lines.is_empty() {
            return Err(not_sold_in(currency));
        }
        Ok(lines)
    }

    const fn no_wish(&self) -> Aim {
        Aim {
            place: self.about,
            variant: None,
            quantity: None,
        }
    }

    fn aim(&self, currency: Currency, wishes: &Wishes) -> Result<Aim, Problem> {
        let mut aim = self.no_wish();
        let open = self.terms.kind == LinkKind::Permanent || self.terms.variant_id.is_none();
        if let Some(wish) = wishes.variant_id.filter(|_| open) {
            let place = self
                .place_of(wish)
                .ok_or_else(|| Problem::invalid("/variant_id", "not_found", "this link does not sell this variant"))?;
            if self.admits(place, currency, Some(wish), None)? {
                aim.place = place;
                aim.variant = Some(wish);
            }
        }
        if self.admits(aim.place, currency, None, wishes.quantity)? {
            aim.quantity = wishes.quantity;
        }
        // What was admitted is what there is: it must not move the link's own terms to another item.
        Ok(if self.terms.locks(Prefilled::VariantQuantities) {
            self.no_wish()
        } else {
            aim
        })
    }

    /// Whether a wish counts; refused where the buyer is to be told that it does not.
    fn admits(
        &self,
        place: usize,
        currency: Currency,
        variant: Option<VariantId>,
        quantity: Option<i32>,
    ) -> Result<bool, Problem> {
        match self.fixed(place, currency, variant, quantity)? {
            None => Ok(true),
            Some(_) if self.terms.kind == LinkKind::Custom => Ok(false),
            Some(field) => Err(locked(format!("/{field}"))),
        }
    }

    /// The price that the link has instead of the catalogue's, in its own currency alone.
    fn own_price(&self) -> Option<Pair> {
        Some(Pair {
            currency: self.terms.currency?,
            amount: self.terms.custom_price?,
            discounted_amount: None,
            lowest_amount_30_days: None,
        })
    }

    /// Of the item that the link's own price is about: the variant it is for.
    fn own_variant(&self, place: usize) -> Option<&'a SellableVariant> {
        let own = self.own_price().filter(|_| self.is_about(place))?;
        self.usual(place, self.terms.variant_id, own.currency)
    }

    fn enabled(&self, place: usize) -> Vec<&'a SellableVariant> {
        let item = self.items.get(place);
        item.map(|item| enabled(self.terms, item)).unwrap_or_default()
    }

    /// The variant of an item that nobody has chosen: the one the link names, or lists, or the first that is sold in this currency.
    fn usual(&self, place: usize, named: Option<VariantId>, currency: Currency) -> Option<&'a SellableVariant> {
        let enabled = self.enabled(place);
        let of = |id: VariantId| enabled.iter().copied().find(|variant| variant.id == id);
        named
            .or(self.listed(place).map(|listed| listed.variant_id))
            .and_then(of)
            .or_else(|| enabled.iter().copied().find(|v| v.price_in(currency).is_some()))
            .or_else(|| enabled.first().copied())
    }

    /// What the link says of an item's quantity.
    fn listed(&self, place: usize) -> Option<&'a VariantQuantity> {
        let enabled = self.enabled(place);
        let mut listed = self.terms.checkout_data.variant_quantities.iter();
        listed.find(|listed| enabled.iter().any(|variant| variant.id == listed.variant_id))
    }

    fn line(&self, place: usize, currency: Currency, aim: Aim) -> Result<Option<Picked<'a>>, Problem> {
        let Some(item) = self.items.get(place) else {
            return Ok(None);
        };
        let aimed = place == aim.place;
        // A wish takes the place of the link's variant; but that with a price of its own stays.
        let named = aim.variant.is_none() || self.own_price().is_some();
        let named = self.terms.variant_id.filter(|_| named && self.is_about(place));
        let named = aim.variant.filter(|_| aimed).or(named);
        let listed = self.listed(place);
        let wanted = named.is_some() || listed.is_some();
        if item.item.optional && !item.item.selected && !wanted {
            return Ok(None);
        }
        let Some(variant) = self.usual(place, named, currency) else {
            return if item.item.optional {
                Ok(None)
            } else {
                Err(no_longer_sold())
            };
        };
        let Some(price) = self.price(place, variant, currency) else {
            return if item.item.optional && !wanted {
                Ok(None)
            } else {
                Err(not_sold_in(currency))
            };
        };
        let mut quantity = listed.map(|listed| listed.quantity);
        if aimed {
            quantity = quantity.or(self.terms.checkout_options.quantity);
            let from_buyer = quantity.is_none() || self.terms.kind == LinkKind::Permanent;
            if let Some(wish) = aim.quantity.filter(|_| from_buyer) {
                within(item, wish)?;
                quantity = Some(wish);
            }
        }
        let quantity = quantity
            .unwrap_or(item.item.quantity_default)
            .clamp(item.item.quantity_min, item.item.quantity_max);
        Ok(Some(Picked {
            item,
            name: self.name(place, item),
            variant,
            quantity,
            of_link: self.is_about(place),
            price,
        }))
    }
}

/// The merchant has fixed what a buyer wishes otherwise.
pub fn locked(pointer: String) -> Problem {
    Problem::invalid(pointer, "locked", "the merchant has fixed this")
}

fn place_of(terms: &LinkTerms, items: &[SellableItem], variant: VariantId) -> Option<usize> {
    items
        .iter()
        .position(|item| enabled(terms, item).iter().any(|known| known.id == variant))
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
