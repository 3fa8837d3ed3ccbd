//! Makes the prices of something those given.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::lowest::lowest_before;
use super::model::{NewPrice, PastPrice, Price, PriceOwner};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, ProductId, VariantId};

/// Where else the price of the same thing may have come from before: the levels below the owner's.
#[derive(Clone, Debug, Default)]
pub struct Below {
    /// The variants that can be bought.
    pub variants: Vec<VariantId>,
    /// The product.
    pub product: Option<ProductId>,
}

/// Makes the prices of an owner those given, with their history. The owner's row must be locked by this transaction, or new.
pub async fn replace(
    tx: &mut Tx,
    checkout: CheckoutId,
    owner: PriceOwner,
    below: &Below,
    given: &[NewPrice],
) -> Result<(), DbError> {
    let before = store::of(tx, checkout, owner).await?;
    if before.is_empty() && given.is_empty() {
        return Ok(());
    }
    let begins = given.iter().any(|price| begins_discount(price, &before));
    let past = if begins {
        store::history(tx.conn(), checkout, &owners(owner, below)).await?
    } else {
        Vec::new()
    };
    let rows: Vec<Value> = given
        .iter()
        .map(|price| {
            let stands = before.iter().find(|known| same(known, price));
            let lowest = match stands {
                _ if price.discounted_amount.is_none() => None,
                Some(known) if known.discounted_amount == price.discounted_amount => known.lowest_amount_30_days,
                _ => lowest(tx, owner, below, &past, price),
            };
            json!({"variant_id": price.variant_id.map(VariantId::uuid), "currency": price.currency, "amount": price.amount,
                "discounted_amount": price.discounted_amount, "lowest_amount_30_days": lowest})
        })
        .collect();
    store::replace(tx, checkout, owner, &Value::Array(rows)).await
}

fn same(known: &Price, price: &NewPrice) -> bool {
    known.currency == price.currency && known.variant_id == price.variant_id
}

/// A discount begins when what is paid becomes another reduced price; a new price to strike through does not begin one.
fn begins_discount(price: &NewPrice, before: &[Price]) -> bool {
    price.discounted_amount.is_some()
        && !before
            .iter()
            .any(|known| same(known, price) && known.discounted_amount == price.discounted_amount)
}

fn owners(owner: PriceOwner, below: &Below) -> Vec<Uuid> {
    let mut ids = vec![owner.uuid()];
    ids.extend(below.variants.iter().map(|id| id.uuid()));
    ids.extend(below.product.map(ProductId::uuid));
    ids
}

/// The lowest price of what the owner prices, in the 30 days before now. With several variants: of the cheapest.
fn lowest(tx: &Tx, owner: PriceOwner, below: &Below, past: &[PastPrice], price: &NewPrice) -> Option<i64> {
    let of = |id: Uuid, variant: Option<VariantId>| -> Vec<&PastPrice> {
        past.iter()
            .filter(|row| row.owner_id == id && row.variant_id == variant && row.currency == price.currency)
            .collect()
    };
    let levels = |variant: Option<VariantId>| {
        let mut levels = Vec::with_capacity(4);
        if price.variant_id.is_some() {
            levels.push(of(owner.uuid(), price.variant_id));
        }
        levels.push(of(owner.uuid(), None));
        levels.extend(variant.map(|variant| of(variant.uuid(), None)));
        levels.extend(below.product.map(|product| of(product.uuid(), None)));
        levels
    };
    // History is written by the database's clock: what it holds is past, even when this machine's clock is behind.
    let latest = past.iter().map(|row| row.valid_from + TimeDelta::microseconds(1)).max();
    let now = latest.map_or(tx.clock().now(), |latest| latest.max(tx.clock().now()));
    let variants = match price.variant_id {
        Some(only) => vec![only],
        None => below.variants.clone(),
    };
    if variants.is_empty() {
        return lowest_before(&levels(None), now);
    }
    variants
        .into_iter()
        .filter_map(|variant| lowest_before(&levels(Some(variant)), now))
        .min()
}

/// What stands below the prices of a variant.
pub async fn below_variant(tx: &Tx, checkout: CheckoutId, variant: VariantId) -> Result<Below, DbError> {
    Ok(Below {
        variants: Vec::new(),
        product: store::product_of(tx.conn(), checkout, variant).await?,
    })
}
