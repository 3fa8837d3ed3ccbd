//! Changes, archives and takes back an add-on.

use super::create::{price, refuse_unfit};
use super::model::AddOn;
use super::store;
use super::views::{AddOnPatch, AddOnView};
use crate::catalog::prices::model::NewPrice;
use crate::catalog::texts::{self, QuantityBody};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{AddOnId, CheckoutId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the add-on is still what `if_match` names; returns it before and after.
pub async fn change(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: AddOnId,
    if_match: Option<&str>,
    mut patch: AddOnPatch,
) -> Result<(AddOnView, AddOnView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = AddOnView::from(current.clone());
    check_precondition(if_match, &before)?;
    let prices = patch.prices.take();
    let was = (
        current.add_on.kind,
        current.add_on.variant_id,
        current.add_on.replaces_product_id,
    );
    let add_on = patched(current.add_on, patch)?;
    // Archiving must go on to work when what it sells has been archived first.
    if was != (add_on.kind, add_on.variant_id, add_on.replaces_product_id) {
        refuse_unfit(tx, checkout, &add_on).await?;
    }
    store::update(tx, checkout, &add_on).await?;
    if let Some(prices) = prices {
        let prices: Vec<NewPrice> = prices.into_iter().map(Into::into).collect();
        price(tx, checkout, &add_on, &prices).await?;
    }
    let after = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, after.into()))
}

fn patched(mut add_on: AddOn, patch: AddOnPatch) -> Result<AddOn, Problem> {
    add_on.kind = patch.kind.unwrap_or(add_on.kind);
    add_on.variant_id = patch.variant_id.unwrap_or(add_on.variant_id);
    add_on.replaces_product_id = patch.replaces_product_id.apply(add_on.replaces_product_id);
    add_on.name = patch.name.unwrap_or(add_on.name);
    add_on.description = patch.description.apply(add_on.description);
    add_on.image_url = patch.image_url.apply(add_on.image_url);
    add_on.translations = texts::patched(add_on.translations, patch.translations)?;
    add_on.status = patch.status.unwrap_or(add_on.status);
    let quantity = QuantityBody {
        default: add_on.quantity_default,
        min: add_on.quantity_min,
        max: add_on.quantity_max,
    };
    let quantity = patch.quantity.apply_to(quantity, "/quantity")?;
    add_on.quantity_default = quantity.default;
    add_on.quantity_min = quantity.min;
    add_on.quantity_max = quantity.max;
    Ok(add_on)
}
