//! Changes an offer.

use super::items::{replace_add_ons, replace_items};
use super::model::Offer;
use super::views::{OfferAddOnBody, OfferPatch, OfferView};
use super::{read, store};
use crate::catalog::texts;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, OfferId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the offer is still what `if_match` names; returns it before and after.
pub async fn update(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: OfferId,
    if_match: Option<&str>,
    mut patch: OfferPatch,
) -> Result<(OfferView, OfferView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = read::one(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = OfferView::from(current.clone());
    check_precondition(if_match, &before)?;
    let had: Vec<_> = current.add_ons.iter().map(|row| row.add_on_id).collect();
    let (items, mut add_ons) = (patch.items.take(), patch.add_ons.take());
    store::update(tx, checkout, &patched(current.offer, patch)?).await?;
    if let Some(items) = items {
        replace_items(tx, checkout, id, &current.items, items).await?;
        // The add-ons it has must still fit the items it has now.
        let kept = || current.add_ons.into_iter().map(OfferAddOnBody::from).collect();
        add_ons.get_or_insert_with(kept);
    }
    if let Some(add_ons) = add_ons {
        replace_add_ons(tx, checkout, id, &had, &add_ons).await?;
    }
    let changed = read::one(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, changed.into()))
}

fn patched(mut offer: Offer, patch: OfferPatch) -> Result<Offer, Problem> {
    offer.name = patch.name.unwrap_or(offer.name);
    offer.title = patch.title.unwrap_or(offer.title);
    offer.description = patch.description.apply(offer.description);
    offer.image_urls = patch.image_urls.unwrap_or(offer.image_urls);
    offer.translations = texts::patched(offer.translations, patch.translations)?;
    offer.success_url = patch.success_url.apply(offer.success_url);
    offer.metadata = patch.metadata.patched(offer.metadata)?;
    Ok(offer)
}
