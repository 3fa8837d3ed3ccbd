//! Puts an offer away, and takes it out again. Its links open no session in the meantime.

use super::views::OfferView;
use super::{read, store};
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, OfferId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Gives an offer another status; one that has it already stays as it is. Returns it before and after.
pub async fn set_status(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: OfferId,
    if_match: Option<&str>,
    status: CatalogStatus,
) -> Result<(OfferView, OfferView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = read::one(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = OfferView::from(current.clone());
    check_precondition(if_match, &before)?;
    if current.offer.status == status {
        return Ok((before, current.into()));
    }
    let mut offer = current.offer;
    offer.status = status;
    store::update(tx, checkout, &offer).await?;
    let changed = read::one(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, changed.into()))
}
