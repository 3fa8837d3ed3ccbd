//! Adds a variant to a product.

use super::model::{Variant, VariantDetail};
use super::store;
use super::views::VariantInput;
use crate::catalog::prices::model::{NewPrice, PriceOwner};
use crate::catalog::prices::replace::{Below, replace};
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::products::store as products;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, ProductId, VariantId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::{Description, Name};

/// The most variants a product can have, archived ones included.
const MOST: usize = 1_000;

/// A variant to be.
#[derive(Clone, Debug)]
pub struct NewVariant {
    name: Name,
    description: Option<Description>,
    prices: Vec<NewPrice>,
    sort: Option<i32>,
}

impl NewVariant {
    /// With nothing but a name.
    pub fn named(name: Name) -> Self {
        Self {
            name,
            description: None,
            prices: Vec::new(),
            sort: None,
        }
    }
}

impl From<VariantInput> for NewVariant {
    fn from(input: VariantInput) -> Self {
        Self {
            name: input.name,
            description: input.description,
            prices: input.prices.into_iter().map(Into::into).collect(),
            sort: input.sort,
        }
    }
}

/// Adds a variant to a product that exists.
pub async fn add(
    tx: &mut Tx,
    checkout: CheckoutId,
    product: ProductId,
    input: VariantInput,
) -> Result<VariantDetail, Problem> {
    if !products::lock(tx, checkout, product).await? {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let known = store::count(tx, checkout, product).await?;
    if known >= MOST {
        return Err(Problem::invalid(
            "",
            "too_many",
            format!("a product has at most {MOST} variants"),
        ));
    }
    let place = i32::try_from(known).unwrap_or(i32::MAX);
    let id = insert(tx, checkout, product, input.into(), place).await?;
    products::touch(tx, checkout, product).await?;
    let made = store::find(tx.conn(), checkout, product, id).await?;
    made.ok_or_else(|| Problem::internal("a variant vanished in the transaction that made it"))
}

/// Writes a variant and its prices; `place` is its `sort` unless it has one.
pub async fn insert(
    tx: &mut Tx,
    checkout: CheckoutId,
    product: ProductId,
    new: NewVariant,
    place: i32,
) -> Result<VariantId, DbError> {
    let now = tx.clock().now();
    let variant = Variant {
        id: VariantId::generate(tx.clock()),
        product_id: product,
        name: new.name,
        description: new.description,
        sort: new.sort.unwrap_or(place),
        status: CatalogStatus::Active,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, checkout, &variant).await?;
    let below = Below {
        variants: Vec::new(),
        product: Some(product),
    };
    replace(tx, checkout, PriceOwner::Variant(variant.id), &below, &new.prices).await?;
    Ok(variant.id)
}
