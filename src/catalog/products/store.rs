//! Every query on products.

use futures_util::try_join;

use super::model::{CatalogStatus, Product, ProductDetail};
use crate::catalog::prices::model::Price;
use crate::catalog::prices::store as prices;
use crate::catalog::variants::model::VariantDetail;
use crate::catalog::variants::store as variants;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{ActionId, CheckoutId, ProductId};
use crate::kernel::page::{Page, PageRequest};

/// A page of products of one status, newest first, with variants and prices: two round trips however long the page.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    status: CatalogStatus,
    page: &PageRequest,
) -> Result<Page<ProductDetail>, DbError> {
    let rows: Vec<Product> = sql(
        "SELECT id, name, description, image_urls, translations, type, vat_type, place_country, employee_benefits, license, status,
                metadata, created_at, updated_at
         FROM products
         WHERE checkout_id = $1 AND status = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $4",
    )
    .bind(checkout)
    .bind(status)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    let page = Page::cut(rows, page, |row| row.id.uuid());
    let ids: Vec<ProductId> = page.rows.iter().map(|row| row.id).collect();
    let (variants, prices) = try_join!(
        variants::details(conn, checkout, &ids),
        prices::of_products(conn, checkout, &ids)
    )?;
    Ok(page.map(|product| assemble(product, &variants, &prices)))
}

/// One product with variants and prices, in one round trip.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: ProductId) -> Result<Option<ProductDetail>, DbError> {
    let ids = [id];
    let product = sql(
        "SELECT id, name, description, image_urls, translations, type, vat_type, place_country, employee_benefits, license, status,
                metadata, created_at, updated_at
         FROM products WHERE checkout_id = $1 AND id = $2",
    )
    .bind(checkout)
    .bind(id)
    .row::<Product>(conn);
    let (product, variants, prices) = try_join!(
        product,
        variants::details(conn, checkout, &ids),
        prices::of_products(conn, checkout, &ids)
    )?;
    Ok(product.map(|product| assemble(product, &variants, &prices)))
}

/// Locks a product for a change, of itself or of its variants; false when there is none.
pub async fn lock(tx: &Tx, checkout: CheckoutId, id: ProductId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM products WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

fn assemble(product: Product, variants: &[VariantDetail], prices: &[Price]) -> ProductDetail {
    ProductDetail {
        variants: variants
            .iter()
            .filter(|row| row.variant.product_id == product.id)
            .cloned()
            .collect(),
        prices: prices
            .iter()
            .filter(|row| row.owner_id == product.id.uuid())
            .cloned()
            .collect(),
        product,
    }
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, product: &Product) -> Result<(), DbError> {
    sql(
        "INSERT INTO products (checkout_id, id, name, description, image_urls, translations, type, vat_type, place_country,
             employee_benefits, license, status, metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, kassa_now($14), kassa_now($14))",
    )
    .bind(checkout)
    .bind(product.id)
    .bind(&product.name)
    .bind(&product.description)
    .bind(&product.image_urls)
    .bind(&product.translations)
    .bind(product.product_type)
    .bind(product.vat_type)
    .bind(product.place_country)
    .bind(&product.employee_benefits)
    .bind(&product.license)
    .bind(product.status)
    .bind(&product.metadata)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, product: &Product) -> Result<(), DbError> {
    sql(
        "UPDATE products SET name = $1, description = $2, image_urls = $3, translations = $4, type = $5, vat_type = $6,
             place_country = $7, employee_benefits = $8, license = $9, status = $10, metadata = $11, updated_at = kassa_now($12)
         WHERE checkout_id = $13 AND id = $14",
    )
    .bind(&product.name)
    .bind(&product.description)
    .bind(&product.image_urls)
    .bind(&product.translations)
    .bind(product.product_type)
    .bind(product.vat_type)
    .bind(product.place_country)
    .bind(&product.employee_benefits)
    .bind(&product.license)
    .bind(product.status)
    .bind(&product.metadata)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(product.id)
    .exactly_one(tx.conn())
    .await
}

/// Says that a product has changed, when one of its variants has.
pub async fn touch(tx: &Tx, checkout: CheckoutId, id: ProductId) -> Result<(), DbError> {
    sql("UPDATE products SET updated_at = kassa_now($1) WHERE checkout_id = $2 AND id = $3")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// Whether the checkout's organization is marked as a provider of education.
pub(super) async fn is_education_provider(conn: &Conn, checkout: CheckoutId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM checkouts c JOIN organizations o ON o.id = c.organization_id WHERE c.id = $1 AND o.education_provider")
        .bind(checkout)
        .execute(conn)
        .await?;
    Ok(found == 1)
}

/// Has the action that licenses a product say what the product says; makes it, or puts it away. Written here because the room of
/// actions stands below this one.
pub(super) async fn license(tx: &Tx, checkout: CheckoutId, product: &Product) -> Result<(), DbError> {
    let Some(license) = &product.license else {
        return sql(
            "UPDATE actions SET archived_at = kassa_now($1), updated_at = kassa_now($1)
             WHERE checkout_id = $2 AND owner_id = $3 AND type = 'license' AND archived_at IS NULL",
        )
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(product.id)
        .execute(tx.conn())
        .await
        .map(drop);
    };
    sql("INSERT INTO actions (checkout_id, id, level, owner_id, type, name, enabled, run_in_test, config, created_at, updated_at)
         VALUES ($1, $2, 'product', $3, 'license', 'License', true, true, $4, kassa_now($5), kassa_now($5))
         ON CONFLICT (checkout_id, owner_id) WHERE type = 'license' AND archived_at IS NULL
         DO UPDATE SET config = excluded.config, updated_at = excluded.updated_at")
    .bind(checkout)
    .bind(ActionId::generate(tx.clock()))
    .bind(product.id)
    .bind(license)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}
