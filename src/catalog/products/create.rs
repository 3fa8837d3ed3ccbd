//! Makes a product with its variants and prices.

use super::model::{CatalogStatus, Price, Product, ProductDetail, Variant};
use super::store;
use super::views::{ProductInput, VariantInput};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, ProductId, VariantId};

/// Makes the product. Without variants it gets one that bears its own name.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: ProductInput) -> Result<ProductDetail, DbError> {
    let id = ProductId::generate(tx.clock());
    let named = if input.variants.is_empty() {
        vec![VariantInput {
            name: input.name.clone(),
        }]
    } else {
        input.variants
    };
    let mut variants = Vec::with_capacity(named.len());
    for (sort, variant) in (0..).zip(named) {
        variants.push(Variant {
            id: VariantId::generate(tx.clock()),
            product_id: id,
            name: variant.name,
            sort,
            status: CatalogStatus::Active,
        });
    }
    let prices = input
        .prices
        .into_iter()
        .map(|price| Price {
            product_id: id,
            currency: price.currency,
            amount: price.amount,
            discounted_amount: price.discounted_amount,
        })
        .collect();
    let now = tx.clock().now();
    let product = Product {
        id,
        name: input.name,
        description: input.description,
        product_type: input.product_type,
        vat_type: input.vat_type,
        status: CatalogStatus::Active,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    let detail = ProductDetail {
        product,
        variants,
        prices,
    };
    store::insert(tx, checkout, &detail).await?;
    // Read back rather than returned as made: what the client sees is what is stored, to the microsecond.
    store::find(tx.conn(), checkout, id).await?.ok_or(DbError::Stale)
}
