//! Makes an offer of products of the same checkout.

use super::model::{Offer, OfferDetail, OfferItem};
use super::store;
use super::views::OfferInput;
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, OfferId, OfferItemId, ProductId};
use crate::kernel::problem::Problem;

/// Makes the offer. A product that is unknown here, another tenant's included, is refused with its pointer.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: OfferInput) -> Result<OfferDetail, Problem> {
    refuse_unknown_products(tx, checkout, &input).await?;
    let id = OfferId::generate(tx.clock());
    let mut items = Vec::with_capacity(input.items.len());
    for (position, item) in (0..).zip(input.items) {
        items.push(OfferItem {
            id: OfferItemId::generate(tx.clock()),
            offer_id: id,
            product_id: item.product_id,
            position,
            name: item.name,
            quantity_default: item.quantity.default,
            quantity_min: item.quantity.min,
            quantity_max: item.quantity.max,
        });
    }
    let now = tx.clock().now();
    let offer = Offer {
        id,
        name: input.name,
        title: input.title,
        description: input.description,
        success_url: input.success_url,
        status: CatalogStatus::Active,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, checkout, &OfferDetail { offer, items }).await?;
    let made = store::find(tx.conn(), checkout, id).await?;
    made.ok_or_else(|| Problem::internal("an offer vanished in the transaction that made it"))
}

async fn refuse_unknown_products(tx: &Tx, checkout: CheckoutId, input: &OfferInput) -> Result<(), Problem> {
    for (index, item) in input.items.iter().enumerate() {
        let pointer = format!("/items/{index}/product_id");
        let repeated = input.items[..index]
            .iter()
            .any(|earlier| earlier.product_id == item.product_id);
        if repeated {
            return Err(Problem::invalid(pointer, "duplicate", "each product at most once"));
        }
    }
    let ids: Vec<ProductId> = input.items.iter().map(|item| item.product_id).collect();
    if store::count_active_products(tx, checkout, &ids).await? == ids.len() {
        return Ok(());
    }
    for (index, id) in ids.iter().enumerate() {
        if store::count_active_products(tx, checkout, &[*id]).await? == 0 {
            let pointer = format!("/items/{index}/product_id");
            return Err(Problem::invalid(
                pointer,
                "not_found",
                "no such product in this checkout",
            ));
        }
    }
    Ok(())
}
