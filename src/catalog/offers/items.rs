//! The items and add-ons of an offer: checked against the catalogue, then written whole.

use std::collections::HashSet;

use super::model::{KnownVariant, OfferAddOn, OfferItem};
use super::store;
use super::views::{OfferAddOnBody, OfferItemInput};
use crate::catalog::prices::model::{NewPrice, PriceOwner};
use crate::catalog::prices::replace::{Below, replace};
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::kernel::ids::{AddOnId, CheckoutId, OfferId, OfferItemId, ProductId, VariantId};
use crate::kernel::problem::Problem;

/// Makes the items of an offer those given. Items that are sent with their id keep it; `before` are those it had. What is unknown
/// here, another tenant's included, is refused with its pointer.
pub async fn replace_items(
    tx: &mut Tx,
    checkout: CheckoutId,
    offer: OfferId,
    before: &[OfferItem],
    given: Vec<OfferItemInput>,
) -> Result<(), Problem> {
    let products: Vec<ProductId> = given.iter().map(|item| item.product_id).collect();
    let known = store::known_variants(tx, checkout, &products).await?;
    for (index, item) in given.iter().enumerate() {
        check(index, item, &given, before, &known)?;
    }
    let ids: Vec<OfferItemId> = given
        .iter()
        .map(|item| item.id.unwrap_or_else(|| OfferItemId::generate(tx.clock())))
        .collect();
    store::remove_items_but(tx, checkout, offer, &ids).await?;
    for (position, (id, item)) in (0..).zip(ids.into_iter().zip(given)) {
        let below = below(&item, &known);
        let prices: Vec<NewPrice> = item.prices.into_iter().flatten().map(Into::into).collect();
        let item = OfferItem {
            id,
            offer_id: offer,
            product_id: item.product_id,
            variant_ids: item.variant_ids.unwrap_or_default(),
            position,
            name: item.name,
            description: item.description,
            quantity_default: item.quantity.default,
            quantity_min: item.quantity.min,
            quantity_max: item.quantity.max,
            optional: item.optional,
            selected: item.selected || !item.optional,
        };
        store::put_item(tx, checkout, &item).await?;
        replace(tx, checkout, PriceOwner::OfferItem(id), &below, &prices).await?;
    }
    Ok(())
}

fn check(
    index: usize,
    item: &OfferItemInput,
    all: &[OfferItemInput],
    before: &[OfferItem],
    known: &[KnownVariant],
) -> Result<(), Problem> {
    let at = |field: &str| format!("/items/{index}/{field}");
    let earlier = &all[..index];
    if earlier.iter().any(|other| other.product_id == item.product_id) {
        return Err(Problem::invalid(
            at("product_id"),
            "duplicate",
            "each product at most once",
        ));
    }
    let kept = match item.id {
        None => None,
        Some(id) => {
            let kept = before.iter().find(|known| known.id == id);
            Some(kept.ok_or_else(|| Problem::invalid(at("id"), "not_found", "no such item in this offer"))?)
        }
    };
    match kept {
        Some(kept) if kept.product_id != item.product_id => {
            return Err(Problem::invalid(
                at("product_id"),
                "fixed",
                "the product of an item cannot change: leave the id out to make another item",
            ));
        }
        Some(_) => {}
        None => {
            let in_use = known
                .iter()
                .any(|row| row.product_id == item.product_id && row.product_status == CatalogStatus::Active);
            if !in_use {
                return Err(Problem::invalid(
                    at("product_id"),
                    "not_found",
                    "no such product in this checkout",
                ));
            }
        }
    }
    let of_product = |id: &VariantId| {
        known
            .iter()
            .any(|row| row.id == *id && row.product_id == item.product_id)
    };
    let chosen = item.variant_ids.as_deref().unwrap_or_default();
    if let Some(place) = chosen.iter().position(|id| !of_product(id)) {
        return Err(Problem::invalid(
            at(&format!("variant_ids/{place}")),
            "not_found",
            "no such variant of this product",
        ));
    }
    let prices = item.prices.as_deref().unwrap_or_default();
    let priced = prices.iter().map(|price| price.variant_id);
    for (place, variant) in priced.enumerate().filter_map(|(place, id)| id.map(|id| (place, id))) {
        if !of_product(&variant) || !(chosen.is_empty() || chosen.contains(&variant)) {
            return Err(Problem::invalid(
                at(&format!("prices/{place}/variant_id")),
                "not_found",
                "no such variant of this item",
            ));
        }
    }
    Ok(())
}

/// What stands below an item's own prices.
fn below(item: &OfferItemInput, known: &[KnownVariant]) -> Below {
    let chosen = item.variant_ids.as_deref().unwrap_or_default();
    Below {
        variants: known
            .iter()
            .filter(|row| row.product_id == item.product_id && row.status == CatalogStatus::Active)
            .filter(|row| chosen.is_empty() || chosen.contains(&row.id))
            .map(|row| row.id)
            .collect(),
        product: Some(item.product_id),
    }
}

/// Makes the add-ons of an offer those given. An upgrade must replace a product of the offer; those in `before` may be archived.
pub async fn replace_add_ons(
    tx: &mut Tx,
    checkout: CheckoutId,
    offer: OfferId,
    before: &[AddOnId],
    given: &[OfferAddOnBody],
) -> Result<(), Problem> {
    let ids: Vec<AddOnId> = given.iter().map(|add_on| add_on.add_on_id).collect();
    let known = store::known_add_ons(tx, checkout, &ids).await?;
    let items = store::items(tx.conn(), checkout, &[offer]).await?;
    let mut seen = HashSet::new();
    for (index, id) in ids.iter().enumerate() {
        let refuse =
            |code: &str, detail: &str| Err(Problem::invalid(format!("/add_ons/{index}/add_on_id"), code, detail));
        if !seen.insert(*id) {
            return refuse("duplicate", "each add-on at most once");
        }
        let found = known
            .iter()
            .find(|row| row.id == *id && (row.status == CatalogStatus::Active || before.contains(id)));
        match found.map(|row| row.replaces_product_id) {
            None => return refuse("not_found", "no such add-on in this checkout"),
            Some(Some(product)) if !items.iter().any(|item| item.product_id == product) => {
                return refuse(
                    "replaces_nothing",
                    "the product this upgrade replaces is not in the offer",
                );
            }
            Some(_) => {}
        }
    }
    let rows: Vec<OfferAddOn> = given
        .iter()
        .map(|add_on| OfferAddOn {
            offer_id: offer,
            add_on_id: add_on.add_on_id,
            position: add_on.position,
            sort: add_on.sort,
        })
        .collect();
    Ok(store::replace_add_ons(tx, checkout, offer, &rows).await?)
}
