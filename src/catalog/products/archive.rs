//! Puts a product away, and takes it out again. Offers that hold it no longer sell it in the meantime; orders never notice.

use super::model::CatalogStatus;
use super::store;
use super::views::ProductView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Gives a product another status; one that has it already stays as it is. Returns it before and after.
pub async fn set_status(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: ProductId,
    if_match: Option<&str>,
    status: CatalogStatus,
) -> Result<(ProductView, ProductView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = ProductView::from(current.clone());
    check_precondition(if_match, &before)?;
    if current.product.status == status {
        return Ok((before, current.into()));
    }
    let mut product = current.product;
    product.status = status;
    store::update(tx, checkout, &product).await?;
    let changed = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, changed.into()))
}
