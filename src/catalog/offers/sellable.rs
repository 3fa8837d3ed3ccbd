//! An offer as it can be bought: its items with their variants in use, and the price that holds for each.

use super::model::{AddOnChoice, Choice};
use crate::catalog::prices::model::LevelPrice;
use crate::catalog::prices::resolve::{Pair, pairs};
use crate::kernel::ids::{OfferId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Name};

/// An item that can be bought.
#[derive(Clone, Debug)]
pub struct SellableItem {
    /// The item, with its first variant.
    pub item: Choice,
    /// In order; none when all are archived.
    pub variants: Vec<SellableVariant>,
}

/// A variant of an item.
#[derive(Clone, Debug)]
pub struct SellableVariant {
    /// The variant.
    pub id: VariantId,
    /// Its name.
    pub name: Name,
    /// What sets it apart.
    pub description: Option<Description>,
    /// What it costs here, by currency.
    pub prices: Vec<Pair>,
}

impl SellableVariant {
    /// What it costs in a currency; nothing when it is not offered in it.
    pub fn price_in(&self, currency: Currency) -> Option<&Pair> {
        self.prices.iter().find(|pair| pair.currency == currency)
    }
}

/// An add-on that can be bought.
#[derive(Clone, Debug)]
pub struct SellableAddOn {
    /// The add-on.
    pub add_on: AddOnChoice,
    /// What it costs, by currency.
    pub prices: Vec<Pair>,
}

/// Rows as items: one per item, in the order of the rows.
pub fn items(choices: Vec<Choice>, levels: &[LevelPrice]) -> Vec<SellableItem> {
    let mut items: Vec<SellableItem> = Vec::new();
    for choice in choices {
        let variant = match (choice.variant_id, choice.variant_name.clone()) {
            (Some(id), Some(name)) => Some(SellableVariant {
                id,
                name,
                description: choice.variant_description.clone(),
                prices: pairs(levels, choice.item_id.uuid(), id),
            }),
            _ => None,
        };
        match items.last_mut() {
            Some(last) if last.item.item_id == choice.item_id => last.variants.extend(variant),
            _ => items.push(SellableItem {
                item: choice,
                variants: variant.into_iter().collect(),
            }),
        }
    }
    items
}

/// Rows as add-ons.
pub fn add_ons(choices: Vec<AddOnChoice>, levels: &[LevelPrice]) -> Vec<SellableAddOn> {
    choices
        .into_iter()
        .map(|add_on| SellableAddOn {
            prices: pairs(levels, add_on.add_on_id.uuid(), add_on.variant_id),
            add_on,
        })
        .collect()
}

/// The currencies in which an offer cannot be bought although the checkout, or some item of it, sells in them: one of its items
/// that a buyer cannot leave out has no price. By code.
pub fn missing_currencies(offer: OfferId, items: &[SellableItem], sold_by_shop: &[Currency]) -> Vec<Currency> {
    let items: Vec<&SellableItem> = items.iter().filter(|item| item.item.offer_id == offer).collect();
    let mut known: Vec<Currency> = items
        .iter()
        .flat_map(|item| &item.variants)
        .flat_map(|variant| &variant.prices)
        .map(|pair| pair.currency)
        .chain(sold_by_shop.iter().copied())
        .collect();
    known.sort_by_key(|currency| currency.code());
    known.dedup();
    let sold_in = |item: &SellableItem, currency| item.variants.iter().any(|v| v.price_in(currency).is_some());
    known.retain(|currency| {
        items
            .iter()
            .any(|item| !item.item.optional && !sold_in(item, *currency))
    });
    known
}
