//! Every query on variants.

use futures_util::try_join;

use super::model::{Variant, VariantDetail};
use crate::catalog::prices::model::Price;
use crate::catalog::prices::store as prices;
use crate::catalog::products::model::CatalogStatus;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, ProductId, VariantId};
use crate::kernel::page::{Page, PageRequest};

/// The variants of products, in order, with their prices.
pub async fn details(conn: &Conn, checkout: CheckoutId, products: &[ProductId]) -> Result<Vec<VariantDetail>, DbError> {
    let rows = sql(
        "SELECT id, product_id, name, description, sort, status, created_at, updated_at FROM variants
         WHERE checkout_id = $1 AND product_id = ANY($2) ORDER BY product_id, sort, id",
    )
    .bind(checkout)
    .bind(products)
    .rows::<Variant>(conn);
    let (rows, prices) = try_join!(rows, prices::of_variants(conn, checkout, products))?;
    Ok(rows.into_iter().map(|variant| assemble(variant, &prices)).collect())
}

/// A page of the variants of a product, newest first.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    product: ProductId,
    status: CatalogStatus,
    page: &PageRequest,
) -> Result<Page<VariantDetail>, DbError> {
    let rows = sql("SELECT id, product_id, name, description, sort, status, created_at, updated_at FROM variants
         WHERE checkout_id = $1 AND product_id = $2 AND status = $3 AND id < coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $5")
        .bind(checkout)
        .bind(product)
        .bind(status)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows::<Variant>(conn);
    let ids = [product];
    let (rows, prices) = try_join!(rows, prices::of_variants(conn, checkout, &ids))?;
    let page = Page::cut(rows, page, |row| row.id.uuid());
    Ok(page.map(|variant| assemble(variant, &prices)))
}

/// One variant of a product with its prices.
pub(super) async fn find(
    conn: &Conn,
    checkout: CheckoutId,
    product: ProductId,
    id: VariantId,
) -> Result<Option<VariantDetail>, DbError> {
    let row = sql(
        "SELECT id, product_id, name, description, sort, status, created_at, updated_at FROM variants
         WHERE checkout_id = $1 AND product_id = $2 AND id = $3",
    )
    .bind(checkout)
    .bind(product)
    .bind(id)
    .row::<Variant>(conn);
    let ids = [product];
    let (row, prices) = try_join!(row, prices::of_variants(conn, checkout, &ids))?;
    Ok(row.map(|variant| assemble(variant, &prices)))
}

fn assemble(variant: Variant, prices: &[Price]) -> VariantDetail {
    VariantDetail {
        prices: prices
            .iter()
            .filter(|price| price.owner_id == variant.id.uuid())
            .cloned()
            .collect(),
        variant,
    }
}

/// Whether a product exists, in use or not.
pub(super) async fn product_exists(conn: &Conn, checkout: CheckoutId, product: ProductId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM products WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(product)
        .execute(conn)
        .await?;
    Ok(found == 1)
}

/// How many variants of a product are in use. Exact while the product is locked.
pub(super) async fn count_active(tx: &Tx, checkout: CheckoutId, product: ProductId) -> Result<usize, DbError> {
    sql("SELECT 1 FROM variants WHERE checkout_id = $1 AND product_id = $2 AND status = 'active'")
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await
}

/// How many variants a product has, whatever their status.
pub(super) async fn count(tx: &Tx, checkout: CheckoutId, product: ProductId) -> Result<usize, DbError> {
    sql("SELECT 1 FROM variants WHERE checkout_id = $1 AND product_id = $2")
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, variant: &Variant) -> Result<(), DbError> {
    sql(
        "INSERT INTO variants (checkout_id, id, product_id, name, description, sort, status, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, kassa_now($8), kassa_now($8))",
    )
    .bind(checkout)
    .bind(variant.id)
    .bind(variant.product_id)
    .bind(&variant.name)
    .bind(&variant.description)
    .bind(variant.sort)
    .bind(variant.status)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, variant: &Variant) -> Result<(), DbError> {
    sql(
        "UPDATE variants SET name = $1, description = $2, sort = $3, status = $4, updated_at = kassa_now($5)
         WHERE checkout_id = $6 AND id = $7",
    )
    .bind(&variant.name)
    .bind(&variant.description)
    .bind(variant.sort)
    .bind(variant.status)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(variant.id)
    .exactly_one(tx.conn())
    .await
}
