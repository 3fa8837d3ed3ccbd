//! Changes, archives and takes back a variant. The last one in use stays in use.

use super::store;
use super::views::{VariantPatch, VariantView};
use crate::catalog::prices::model::PriceOwner;
use crate::catalog::prices::replace::{Below, replace};
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::products::store as products;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, ProductId, VariantId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the variant is still what `if_match` names; returns it before and after.
pub async fn change(
    tx: &mut Tx,
    checkout: CheckoutId,
    product: ProductId,
    id: VariantId,
    if_match: Option<&str>,
    patch: VariantPatch,
) -> Result<(VariantView, VariantView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    // The product's lock serializes its variants: two of them archived at once must not leave none.
    if !products::lock(tx, checkout, product).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), checkout, product, id).await?;
    let current = current.ok_or_else(not_found)?;
    let before = VariantView::from(current.clone());
    check_precondition(if_match, &before)?;
    let mut variant = current.variant;
    let status = patch.status.unwrap_or(variant.status);
    let leaves = variant.status == CatalogStatus::Active && status == CatalogStatus::Archived;
    if leaves && store::count_active(tx, checkout, product).await? == 1 {
        return Err(Problem::new(ProblemCode::LastVariant));
    }
    variant.status = status;
    variant.name = patch.name.unwrap_or(variant.name);
    variant.description = patch.description.apply(variant.description);
    variant.sort = patch.sort.unwrap_or(variant.sort);
    store::update(tx, checkout, &variant).await?;
    if let Some(prices) = patch.prices {
        let prices: Vec<_> = prices.into_iter().map(Into::into).collect();
        let below = Below {
            variants: Vec::new(),
            product: Some(product),
        };
        replace(tx, checkout, PriceOwner::Variant(id), &below, &prices).await?;
    }
    products::touch(tx, checkout, product).await?;
    let changed = store::find(tx.conn(), checkout, product, id).await?;
    Ok((before, changed.ok_or_else(not_found)?.into()))
}
