//! Makes an offer of products of the same checkout.

use super::items::{replace_add_ons, replace_items};
use super::model::{Offer, OfferDetail};
use super::views::OfferInput;
use super::{read, store};
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::texts::to_json;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, OfferId};
use crate::kernel::problem::Problem;

/// Makes the offer. A product that is unknown here, another tenant's included, is refused with its pointer.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: OfferInput) -> Result<OfferDetail, Problem> {
    let id = OfferId::generate(tx.clock());
    let now = tx.clock().now();
    let offer = Offer {
        id,
        name: input.name,
        title: input.title,
        description: input.description,
        image_urls: input.image_urls,
        translations: to_json(&input.translations),
        success_url: input.success_url,
        status: CatalogStatus::Active,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, checkout, &offer).await?;
    replace_items(tx, checkout, id, &[], input.items).await?;
    if !input.add_ons.is_empty() {
        replace_add_ons(tx, checkout, id, &[], &input.add_ons).await?;
    }
    let made = read::one(tx.conn(), checkout, id).await?;
    made.ok_or_else(|| Problem::internal("an offer vanished in the transaction that made it"))
}
