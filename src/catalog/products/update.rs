//! Changes a product.

use super::benefits::benefit_words;
use super::model::Product;
use super::store;
use super::vat::{refuse_unfit, refuse_unrecognised};
use super::views::{ProductPatch, ProductView};
use crate::catalog::prices::model::PriceOwner;
use crate::catalog::prices::replace::{Below, replace};
use crate::catalog::texts;
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
    mut patch: ProductPatch,
) -> Result<(ProductView, ProductView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let before = ProductView::from(current.clone());
    check_precondition(if_match, &before)?;
    let prices = patch.prices.take();
    let was = (current.product.product_type, current.product.vat_type);
    let licensed = !patch.license.is_absent();
    let product = patched(current.product, patch)?;
    // A pair of which a product was made before the rule knew better does not stand in the way of other changes.
    if (product.product_type, product.vat_type) != was {
        refuse_unfit(product.product_type, product.vat_type)?;
    }
    if product.vat_type != was.1 {
        refuse_unrecognised(tx.conn(), checkout, product.vat_type).await?;
    }
    store::update(tx, checkout, &product).await?;
    if licensed {
        store::license(tx, checkout, &product).await?;
    }
    if let Some(prices) = prices {
        let prices: Vec<_> = prices.into_iter().map(Into::into).collect();
        replace(tx, checkout, PriceOwner::Product(id), &Below::default(), &prices).await?;
    }
    let changed = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, changed.into()))
}

fn patched(mut product: Product, patch: ProductPatch) -> Result<Product, Problem> {
    product.name = patch.name.unwrap_or(product.name);
    product.description = patch.description.apply(product.description);
    product.image_urls = patch.image_urls.unwrap_or(product.image_urls);
    product.translations = texts::patched(product.translations, patch.translations)?;
    product.product_type = patch.product_type.unwrap_or(product.product_type);
    product.vat_type = patch.vat_type.unwrap_or(product.vat_type);
    product.place_country = patch.place_country.apply(product.place_country);
    if let Some(benefits) = patch.employee_benefits {
        product.employee_benefits = benefit_words(&benefits);
    }
    if !patch.license.is_absent() {
        let license = product.license.and_then(|license| serde_json::from_value(license).ok());
        product.license = patch.license.apply(license, "/license")?.as_ref().map(texts::to_json);
    }
    product.metadata = patch.metadata.patched(product.metadata)?;
    Ok(product)
}
