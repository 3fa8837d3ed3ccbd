//! Every query on products, variants and prices.

use futures_util::try_join;

use super::model::{Price, Product, ProductDetail, Variant};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::page::{Page, PageRequest};

/// A page of products that are in use, newest first, with variants and prices: two round trips however long the page.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    page: &PageRequest,
) -> Result<Page<ProductDetail>, DbError> {
    let rows: Vec<Product> = sql(
        "SELECT id, name, description, type, vat_type, status, metadata, created_at, updated_at
         FROM products
         WHERE checkout_id = $1 AND status = 'active' AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $3",
    )
    .bind(checkout)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    let page = Page::cut(rows, page, |row| row.id.uuid());
    let ids: Vec<ProductId> = page.rows.iter().map(|row| row.id).collect();
    let (variants, prices) = try_join!(variants(conn, checkout, &ids), prices(conn, checkout, &ids))?;
    Ok(page.map(|product| assemble(product, &variants, &prices)))
}

/// One product with variants and prices, in one round trip.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId, id: ProductId) -> Result<Option<ProductDetail>, DbError> {
    let ids = [id];
    let product = sql(
        "SELECT id, name, description, type, vat_type, status, metadata, created_at, updated_at
         FROM products WHERE checkout_id = $1 AND id = $2",
    )
    .bind(checkout)
    .bind(id)
    .row::<Product>(conn);
    let (product, variants, prices) = try_join!(product, variants(conn, checkout, &ids), prices(conn, checkout, &ids))?;
    Ok(product.map(|product| assemble(product, &variants, &prices)))
}

/// Locks a product for a change; false when there is none.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: ProductId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM products WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

async fn variants(conn: &Conn, checkout: CheckoutId, ids: &[ProductId]) -> Result<Vec<Variant>, DbError> {
    sql("SELECT id, product_id, name, sort, status FROM variants
         WHERE checkout_id = $1 AND product_id = ANY($2) ORDER BY product_id, sort, id")
    .bind(checkout)
    .bind(ids)
    .rows(conn)
    .await
}

async fn prices(conn: &Conn, checkout: CheckoutId, ids: &[ProductId]) -> Result<Vec<Price>, DbError> {
    sql(
        "SELECT product_id, currency, amount, discounted_amount FROM product_prices
         WHERE checkout_id = $1 AND product_id = ANY($2) ORDER BY product_id, currency",
    )
    .bind(checkout)
    .bind(ids)
    .rows(conn)
    .await
}

fn assemble(product: Product, variants: &[Variant], prices: &[Price]) -> ProductDetail {
    ProductDetail {
        variants: variants
            .iter()
            .filter(|row| row.product_id == product.id)
            .cloned()
            .collect(),
        prices: prices
            .iter()
            .filter(|row| row.product_id == product.id)
            .cloned()
            .collect(),
        product,
    }
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, detail: &ProductDetail) -> Result<(), DbError> {
    let product = &detail.product;
    sql("INSERT INTO products (checkout_id, id, name, description, type, vat_type, status, metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kassa_now($9), kassa_now($9))")
        .bind(checkout)
        .bind(product.id)
        .bind(&product.name)
        .bind(&product.description)
        .bind(product.product_type)
        .bind(product.vat_type)
        .bind(product.status)
        .bind(&product.metadata)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    for variant in &detail.variants {
        sql(
            "INSERT INTO variants (checkout_id, id, product_id, name, sort, status, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, kassa_now($7), kassa_now($7))",
        )
        .bind(checkout)
        .bind(variant.id)
        .bind(product.id)
        .bind(&variant.name)
        .bind(variant.sort)
        .bind(variant.status)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    }
    for price in &detail.prices {
        sql("INSERT INTO product_prices (checkout_id, product_id, currency, amount, discounted_amount) VALUES ($1, $2, $3, $4, $5)")
            .bind(checkout)
            .bind(product.id)
            .bind(price.currency)
            .bind(price.amount)
            .bind(price.discounted_amount)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, product: &Product) -> Result<(), DbError> {
    sql(
        "UPDATE products SET name = $1, description = $2, metadata = $3, updated_at = kassa_now($4)
         WHERE checkout_id = $5 AND id = $6",
    )
    .bind(&product.name)
    .bind(&product.description)
    .bind(&product.metadata)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(product.id)
    .exactly_one(tx.conn())
    .await
}
