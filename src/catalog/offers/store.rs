//! Every query on offers and their items.

use futures_util::try_join;

use super::model::{Offer, OfferDetail, OfferItem, SellableItem};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OfferId, ProductId};
use crate::kernel::page::{Page, PageRequest};

/// A page of offers in use, newest first, with their items: two round trips however long the page.
pub(super) async fn page(conn: &Conn, checkout: CheckoutId, page: &PageRequest) -> Result<Page<OfferDetail>, DbError> {
    let rows: Vec<Offer> = sql(
        "SELECT id, name, title, description, success_url, status, metadata, created_at, updated_at
         FROM offers
         WHERE checkout_id = $1 AND status = 'active' AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $3",
    )
    .bind(checkout)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    let page = Page::cut(rows, page, |row| row.id.uuid());
    let ids: Vec<OfferId> = page.rows.iter().map(|row| row.id).collect();
    let items = items(conn, checkout, &ids).await?;
    Ok(page.map(|offer| assemble(offer, &items)))
}

/// One offer with its items.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: OfferId) -> Result<Option<OfferDetail>, DbError> {
    let ids = [id];
    let offer = sql(
        "SELECT id, name, title, description, success_url, status, metadata, created_at, updated_at
         FROM offers WHERE checkout_id = $1 AND id = $2",
    )
    .bind(checkout)
    .bind(id)
    .row::<Offer>(conn);
    let (offer, items) = try_join!(offer, items(conn, checkout, &ids))?;
    Ok(offer.map(|offer| assemble(offer, &items)))
}

async fn items(conn: &Conn, checkout: CheckoutId, ids: &[OfferId]) -> Result<Vec<OfferItem>, DbError> {
    sql(
        "SELECT id, offer_id, product_id, position, name, quantity_default, quantity_min, quantity_max FROM offer_items
         WHERE checkout_id = $1 AND offer_id = ANY($2) ORDER BY offer_id, position",
    )
    .bind(checkout)
    .bind(ids)
    .rows(conn)
    .await
}

fn assemble(offer: Offer, items: &[OfferItem]) -> OfferDetail {
    OfferDetail {
        items: items.iter().filter(|item| item.offer_id == offer.id).cloned().collect(),
        offer,
    }
}

/// What can be bought through an offer, with every price.
pub async fn sellable_items(conn: &Conn, checkout: CheckoutId, offer: OfferId) -> Result<Vec<SellableItem>, DbError> {
    sql("SELECT i.id AS item_id, i.position, i.product_id, v.id AS variant_id, coalesce(i.name, p.name) AS name, p.vat_type,
                i.quantity_default, i.quantity_min, i.quantity_max, pp.currency, pp.amount, pp.discounted_amount
         FROM offer_items i
         JOIN products p ON p.checkout_id = i.checkout_id AND p.id = i.product_id
         JOIN LATERAL (SELECT id FROM variants WHERE checkout_id = i.checkout_id AND product_id = i.product_id
                       AND status = 'active' ORDER BY sort, id LIMIT 1) v ON true
         LEFT JOIN product_prices pp ON pp.checkout_id = p.checkout_id AND pp.product_id = p.id
         WHERE i.checkout_id = $1 AND i.offer_id = $2
         ORDER BY i.position, pp.currency")
        .bind(checkout)
        .bind(offer)
        .rows(conn)
        .await
}

/// How many of these products are in use in this checkout.
pub(super) async fn count_active_products(tx: &Tx, checkout: CheckoutId, ids: &[ProductId]) -> Result<usize, DbError> {
    sql("SELECT 1 FROM products WHERE checkout_id = $1 AND id = ANY($2) AND status = 'active'")
        .bind(checkout)
        .bind(ids)
        .execute(tx.conn())
        .await
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, detail: &OfferDetail) -> Result<(), DbError> {
    let offer = &detail.offer;
    sql("INSERT INTO offers (checkout_id, id, name, title, description, success_url, status, metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kassa_now($9), kassa_now($9))")
        .bind(checkout)
        .bind(offer.id)
        .bind(&offer.name)
        .bind(&offer.title)
        .bind(&offer.description)
        .bind(offer.success_url.as_deref())
        .bind(offer.status)
        .bind(&offer.metadata)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    for item in &detail.items {
        sql("INSERT INTO offer_items (checkout_id, id, offer_id, product_id, position, name, quantity_default, quantity_min,
                 quantity_max, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, kassa_now($10))")
            .bind(checkout)
            .bind(item.id)
            .bind(offer.id)
            .bind(item.product_id)
            .bind(item.position)
            .bind(&item.name)
            .bind(item.quantity_default)
            .bind(item.quantity_min)
            .bind(item.quantity_max)
            .bind(tx.offset_ms())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}
