//! Changes a product.

use super::store;
use super::views::{ProductPatch, ProductView};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the product is still what `if_match` names; returns it before and after.
pub async fn update(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: ProductId,
    if_match: Option<&str>,
    patch: ProductPatch,
) -> Result<(ProductView, ProductView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = ProductView::from(current.clone());
    check_precondition(if_match, &before)?;
    let mut product = current.product;
    product.name = patch.name.unwrap_or(product.name);
    product.description = patch.description.apply(product.description);
    if let Some(metadata) = patch.metadata {
        product.metadata = metadata.to_json();
    }
    store::update(tx, checkout, &product).await?;
    let changed = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, changed.into()))
}
