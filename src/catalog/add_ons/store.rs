//! Every query on add-ons.

use futures_util::try_join;

use super::model::{AddOn, AddOnDetail};
use crate::catalog::prices::model::Price;
use crate::catalog::prices::store as prices;
use crate::catalog::products::model::CatalogStatus;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{AddOnId, CheckoutId, ProductId, VariantId};
use crate::kernel::page::{Page, PageRequest};

/// A page of add-ons of one status, newest first, with their prices: two round trips however long the page.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    status: CatalogStatus,
    page: &PageRequest,
) -> Result<Page<AddOnDetail>, DbError> {
    let rows: Vec<AddOn> = sql("SELECT id, kind, variant_id, replaces_product_id, name, description, image_url, translations, quantity_default,
                quantity_min, quantity_max, status, created_at, updated_at
         FROM add_ons
         WHERE checkout_id = $1 AND status = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $4")
        .bind(checkout)
        .bind(status)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    let page = Page::cut(rows, page, |row| row.id.uuid());
    let ids: Vec<AddOnId> = page.rows.iter().map(|row| row.id).collect();
    let prices = prices::of_add_ons(conn, checkout, &ids).await?;
    Ok(page.map(|add_on| assemble(add_on, &prices)))
}

/// One add-on with its prices, in one round trip.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId, id: AddOnId) -> Result<Option<AddOnDetail>, DbError> {
    let row = sql("SELECT id, kind, variant_id, replaces_product_id, name, description, image_url, translations, quantity_default,
                quantity_min, quantity_max, status, created_at, updated_at
         FROM add_ons WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(id)
        .row::<AddOn>(conn);
    let ids = [id];
    let (row, prices) = try_join!(row, prices::of_add_ons(conn, checkout, &ids))?;
    Ok(row.map(|add_on| assemble(add_on, &prices)))
}

fn assemble(add_on: AddOn, prices: &[Price]) -> AddOnDetail {
    AddOnDetail {
        prices: prices
            .iter()
            .filter(|price| price.owner_id == add_on.id.uuid())
            .cloned()
            .collect(),
        add_on,
    }
}

/// Locks an add-on for a change; false when there is none.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: AddOnId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM add_ons WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

/// Whether a variant and its product are in use.
pub(super) async fn variant_is_active(tx: &Tx, checkout: CheckoutId, id: VariantId) -> Result<bool, DbError> {
    let found = sql(
        "SELECT 1 FROM variants v JOIN products p ON p.checkout_id = v.checkout_id AND p.id = v.product_id
         WHERE v.checkout_id = $1 AND v.id = $2 AND v.status = 'active' AND p.status = 'active'",
    )
    .bind(checkout)
    .bind(id)
    .execute(tx.conn())
    .await?;
    Ok(found == 1)
}

/// Whether a product is in use.
pub(super) async fn product_is_active(tx: &Tx, checkout: CheckoutId, id: ProductId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM products WHERE checkout_id = $1 AND id = $2 AND status = 'active'")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, add_on: &AddOn) -> Result<(), DbError> {
    sql(
        "INSERT INTO add_ons (checkout_id, id, kind, variant_id, replaces_product_id, name, description, image_url, translations,
             quantity_default, quantity_min, quantity_max, status, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, kassa_now($14), kassa_now($14))",
    )
    .bind(checkout)
    .bind(add_on.id)
    .bind(add_on.kind)
    .bind(add_on.variant_id)
    .bind(add_on.replaces_product_id)
    .bind(&add_on.name)
    .bind(&add_on.description)
    .bind(add_on.image_url.as_deref())
    .bind(&add_on.translations)
    .bind(add_on.quantity_default)
    .bind(add_on.quantity_min)
    .bind(add_on.quantity_max)
    .bind(add_on.status)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, add_on: &AddOn) -> Result<(), DbError> {
    sql(
        "UPDATE add_ons SET kind = $1, variant_id = $2, replaces_product_id = $3, name = $4, description = $5, image_url = $6,
             translations = $7, quantity_default = $8, quantity_min = $9, quantity_max = $10, status = $11, updated_at = kassa_now($12)
         WHERE checkout_id = $13 AND id = $14",
    )
    .bind(add_on.kind)
    .bind(add_on.variant_id)
    .bind(add_on.replaces_product_id)
    .bind(&add_on.name)
    .bind(&add_on.description)
    .bind(add_on.image_url.as_deref())
    .bind(&add_on.translations)
    .bind(add_on.quantity_default)
    .bind(add_on.quantity_min)
    .bind(add_on.quantity_max)
    .bind(add_on.status)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(add_on.id)
    .exactly_one(tx.conn())
    .await
}
