//! Makes a product with its variants and prices.

use super::benefits::benefit_words;
use super::model::{CatalogStatus, Product, ProductDetail};
use super::store;
use super::vat::{refuse_unfit, refuse_unrecognised};
use super::views::ProductInput;
use crate::catalog::prices::model::PriceOwner;
use crate::catalog::prices::replace::{Below, replace};
use crate::catalog::texts::to_json;
use crate::catalog::variants::add::{NewVariant, insert};
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::problem::Problem;

/// Makes the product. Without variants it gets one that bears its own name.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: ProductInput) -> Result<ProductDetail, Problem> {
    refuse_unfit(input.product_type, input.vat_type)?;
    refuse_unrecognised(tx.conn(), checkout, input.vat_type).await?;
    let id = ProductId::generate(tx.clock());
    let mut variants: Vec<NewVariant> = input.variants.into_iter().map(Into::into).collect();
    if variants.is_empty() {
        variants.push(NewVariant::named(input.name.clone()));
    }
    let now = tx.clock().now();
    let product = Product {
        id,
        name: input.name,
        description: input.description,
        image_urls: input.image_urls,
        translations: to_json(&input.translations),
        product_type: input.product_type,
        vat_type: input.vat_type,
        place_country: input.place_country,
        employee_benefits: benefit_words(&input.employee_benefits),
        license: input.license.as_ref().map(to_json),
        status: CatalogStatus::Active,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, checkout, &product).await?;
    if product.license.is_some() {
        store::license(tx, checkout, &product).await?;
    }
    let prices: Vec<_> = input.prices.into_iter().map(Into::into).collect();
    replace(tx, checkout, PriceOwner::Product(id), &Below::default(), &prices).await?;
    for (place, variant) in (0..).zip(variants) {
        insert(tx, checkout, id, variant, place).await?;
    }
    // Read back rather than returned as made: what the client sees is what is stored, to the microsecond.
    let made = store::find(tx.conn(), checkout, id).await?;
    made.ok_or_else(|| Problem::internal("a product vanished in the transaction that made it"))
}
