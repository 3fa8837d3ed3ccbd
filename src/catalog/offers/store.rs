//! Every query on offers and their items.

use futures_util::try_join;

use super::model::{AddOnChoice, Choice, KnownAddOn, KnownVariant, Offer, OfferAddOn, OfferItem, Through};
use super::sellable::{self, SellableAddOn, SellableItem};
use crate::catalog::prices::model::LevelPrice;
use crate::catalog::products::model::CatalogStatus;
use crate::db::error::DbError;
use crate::db::sql::{Sql, sql};
use crate::db::{Conn, Tx};
use crate::kernel::ids::{AddOnId, CheckoutId, OfferId, OfferItemId, ProductId};
use crate::kernel::page::{Page, PageRequest};

/// A page of offers of one status, newest first.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    status: CatalogStatus,
    page: &PageRequest,
) -> Result<Page<Offer>, DbError> {
    let rows: Vec<Offer> = sql(
        "SELECT id, name, title, description, image_urls, translations, success_url, status, metadata, created_at, updated_at
         FROM offers
         WHERE checkout_id = $1 AND status = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $4",
    )
    .bind(checkout)
    .bind(status)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row| row.id.uuid()))
}

/// One offer.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId, id: OfferId) -> Result<Option<Offer>, DbError> {
    sql(
        "SELECT id, name, title, description, image_urls, translations, success_url, status, metadata, created_at, updated_at
         FROM offers WHERE checkout_id = $1 AND id = $2",
    )
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// Locks an offer for a change; false when there is none.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: OfferId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM offers WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

/// The items of offers, in order.
pub(super) async fn items(conn: &Conn, checkout: CheckoutId, ids: &[OfferId]) -> Result<Vec<OfferItem>, DbError> {
    sql(
        "SELECT id, offer_id, product_id, variant_ids, position, name, description, quantity_default, quantity_min, quantity_max,
                optional, selected
         FROM offer_items
         WHERE checkout_id = $1 AND offer_id = ANY($2) AND removed_at IS NULL ORDER BY offer_id, position",
    )
    .bind(checkout)
    .bind(ids)
    .rows(conn)
    .await
}

/// The add-ons that offers carry, in order.
pub(super) async fn add_ons(conn: &Conn, checkout: CheckoutId, ids: &[OfferId]) -> Result<Vec<OfferAddOn>, DbError> {
    sql("SELECT offer_id, add_on_id, position, sort FROM offer_add_ons
         WHERE checkout_id = $1 AND offer_id = ANY($2) ORDER BY offer_id, position, sort, add_on_id")
    .bind(checkout)
    .bind(ids)
    .rows(conn)
    .await
}

/// A statement that begins with the offers that are meant, `o (checkout_id, offer_id)`, reached in one of the ways there are.
macro_rules! through {
    ($through:expr, $statement:literal) => {
        match $through {
            Through::Offer(checkout, offer) => sql(concat!(
                "WITH o AS (SELECT $1::uuid AS checkout_id, $2::uuid AS offer_id) ",
                $statement
            ))
            .bind(checkout)
            .bind(offer),
            Through::Slugs(checkout, link) => sql(concat!(
                "WITH o AS (SELECT l.checkout_id, l.offer_id FROM checkout_slugs s
                     JOIN checkout_links l ON l.checkout_id = s.checkout_id AND l.slug = $1 WHERE s.slug = $2) ",
                $statement
            ))
            .bind(link)
            .bind(checkout),
            Through::Link(link) => sql(concat!(
                "WITH o AS (SELECT l.checkout_id, l.offer_id FROM link_tokens t
                     JOIN checkout_links l ON l.checkout_id = t.checkout_id AND l.id = t.link_id WHERE t.link_id = $1) ",
                $statement
            ))
            .bind(link),
            Through::Offers(checkout, offers) => sql(concat!(
                "WITH o AS (SELECT checkout_id, id AS offer_id FROM offers WHERE checkout_id = $1 AND id = ANY($2)) ",
                $statement
            ))
            .bind(checkout)
            .bind(offers),
        }
    };
}

fn choices(through: Through<'_>) -> Sql<'_> {
    through!(
        through,
        "SELECT i.offer_id, i.id AS item_id, i.product_id, coalesce(i.name, p.name) AS name,
                coalesce(i.description, p.description) AS description, p.image_urls, p.translations, p.vat_type, p.place_country, i.quantity_default,
                i.quantity_min, i.quantity_max, i.optional, i.selected, v.id AS variant_id, v.name AS variant_name,
                v.description AS variant_description
         FROM o
         JOIN offer_items i ON i.checkout_id = o.checkout_id AND i.offer_id = o.offer_id AND i.removed_at IS NULL
         JOIN products p ON p.checkout_id = i.checkout_id AND p.id = i.product_id
         LEFT JOIN variants v ON v.checkout_id = i.checkout_id AND v.product_id = i.product_id AND v.status = 'active'
             AND p.status = 'active' AND (i.variant_ids = '{}' OR v.id = ANY(i.variant_ids))
         ORDER BY i.offer_id, i.position, v.sort, v.id"
    )
}

fn add_on_choices(through: Through<'_>) -> Sql<'_> {
    through!(
        through,
        "SELECT a.id AS add_on_id, a.kind, f.position, a.variant_id, v.product_id, p.vat_type, p.place_country, a.replaces_product_id, a.name, a.description,
                a.image_url, a.translations, a.quantity_default, a.quantity_min, a.quantity_max
         FROM o
         JOIN offer_add_ons f ON f.checkout_id = o.checkout_id AND f.offer_id = o.offer_id
         JOIN add_ons a ON a.checkout_id = f.checkout_id AND a.id = f.add_on_id AND a.status = 'active'
         JOIN variants v ON v.checkout_id = a.checkout_id AND v.id = a.variant_id AND v.status = 'active'
         JOIN products p ON p.checkout_id = v.checkout_id AND p.id = v.product_id AND p.status = 'active'
         ORDER BY f.position, f.sort, a.id"
    )
}

/// Every price of every level that the lines of an offer meet. Ranks: see [`LevelPrice::level`].
fn levels(through: Through<'_>) -> Sql<'_> {
    through!(
        through,
        "SELECT i.id AS line_id, x.variant_id, CASE WHEN x.variant_id IS NULL THEN 2 ELSE 1 END AS level, x.currency, x.amount,
                x.discounted_amount, x.lowest_amount_30_days
         FROM o
         JOIN offer_items i ON i.checkout_id = o.checkout_id AND i.offer_id = o.offer_id AND i.removed_at IS NULL
         JOIN offer_item_prices x ON x.checkout_id = i.checkout_id AND x.offer_item_id = i.id
         UNION ALL
         SELECT i.id, x.variant_id, 3, x.currency, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM o
         JOIN offer_items i ON i.checkout_id = o.checkout_id AND i.offer_id = o.offer_id AND i.removed_at IS NULL
         JOIN variants v ON v.checkout_id = i.checkout_id AND v.product_id = i.product_id AND v.status = 'active'
         JOIN variant_prices x ON x.checkout_id = v.checkout_id AND x.variant_id = v.id
         UNION ALL
         SELECT i.id, NULL, 4, x.currency, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM o
         JOIN offer_items i ON i.checkout_id = o.checkout_id AND i.offer_id = o.offer_id AND i.removed_at IS NULL
         JOIN product_prices x ON x.checkout_id = i.checkout_id AND x.product_id = i.product_id
         UNION ALL
         SELECT f.add_on_id, NULL, 0, x.currency, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM o
         JOIN offer_add_ons f ON f.checkout_id = o.checkout_id AND f.offer_id = o.offer_id
         JOIN add_on_prices x ON x.checkout_id = f.checkout_id AND x.add_on_id = f.add_on_id
         UNION ALL
         SELECT f.add_on_id, x.variant_id, 3, x.currency, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM o
         JOIN offer_add_ons f ON f.checkout_id = o.checkout_id AND f.offer_id = o.offer_id
         JOIN add_ons a ON a.checkout_id = f.checkout_id AND a.id = f.add_on_id
         JOIN variant_prices x ON x.checkout_id = a.checkout_id AND x.variant_id = a.variant_id
         UNION ALL
         SELECT f.add_on_id, NULL, 4, x.currency, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM o
         JOIN offer_add_ons f ON f.checkout_id = o.checkout_id AND f.offer_id = o.offer_id
         JOIN add_ons a ON a.checkout_id = f.checkout_id AND a.id = f.add_on_id
         JOIN variants v ON v.checkout_id = a.checkout_id AND v.id = a.variant_id
         JOIN product_prices x ON x.checkout_id = v.checkout_id AND x.product_id = v.product_id"
    )
}

/// The items of an offer as they can be bought: one round trip.
pub async fn sellable(conn: &Conn, through: Through<'_>) -> Result<Vec<SellableItem>, DbError> {
    let (choices, levels) = try_join!(
        choices(through).rows::<Choice>(conn),
        levels(through).rows::<LevelPrice>(conn)
    )?;
    Ok(sellable::items(choices, &levels))
}

/// The items and add-ons of an offer as they can be bought: one round trip.
pub async fn offered(conn: &Conn, through: Through<'_>) -> Result<(Vec<SellableItem>, Vec<SellableAddOn>), DbError> {
    let (choices, add_ons, levels) = try_join!(
        choices(through).rows::<Choice>(conn),
        add_on_choices(through).rows::<AddOnChoice>(conn),
        levels(through).rows::<LevelPrice>(conn)
    )?;
    Ok((sellable::items(choices, &levels), sellable::add_ons(add_ons, &levels)))
}

/// The variants of products, for checking what an offer names; archived ones too.
pub(super) async fn known_variants(
    tx: &Tx,
    checkout: CheckoutId,
    products: &[ProductId],
) -> Result<Vec<KnownVariant>, DbError> {
    sql("SELECT v.id, v.product_id, p.status AS product_status, v.status
         FROM variants v JOIN products p ON p.checkout_id = v.checkout_id AND p.id = v.product_id
         WHERE v.checkout_id = $1 AND v.product_id = ANY($2) ORDER BY v.sort, v.id")
    .bind(checkout)
    .bind(products)
    .rows(tx.conn())
    .await
}

/// Some add-ons, for checking what an offer names; archived ones too.
pub(super) async fn known_add_ons(tx: &Tx, checkout: CheckoutId, ids: &[AddOnId]) -> Result<Vec<KnownAddOn>, DbError> {
    sql("SELECT id, replaces_product_id, status FROM add_ons WHERE checkout_id = $1 AND id = ANY($2)")
        .bind(checkout)
        .bind(ids)
        .rows(tx.conn())
        .await
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, offer: &Offer) -> Result<(), DbError> {
    sql("INSERT INTO offers (checkout_id, id, name, title, description, image_urls, translations, success_url, status, metadata,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, kassa_now($11), kassa_now($11))")
        .bind(checkout)
        .bind(offer.id)
        .bind(&offer.name)
        .bind(&offer.title)
        .bind(&offer.description)
        .bind(&offer.image_urls)
        .bind(&offer.translations)
        .bind(offer.success_url.as_deref())
        .bind(offer.status)
        .bind(&offer.metadata)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, offer: &Offer) -> Result<(), DbError> {
    sql(
        "UPDATE offers SET name = $1, title = $2, description = $3, image_urls = $4, translations = $5, success_url = $6,
             status = $7, metadata = $8, updated_at = kassa_now($9)
         WHERE checkout_id = $10 AND id = $11",
    )
    .bind(&offer.name)
    .bind(&offer.title)
    .bind(&offer.description)
    .bind(&offer.image_urls)
    .bind(&offer.translations)
    .bind(offer.success_url.as_deref())
    .bind(offer.status)
    .bind(&offer.metadata)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(offer.id)
    .exactly_one(tx.conn())
    .await
}

/// Writes an item, new or kept. The product of an item never changes: sessions know it by the item.
pub(super) async fn put_item(tx: &Tx, checkout: CheckoutId, item: &OfferItem) -> Result<(), DbError> {
    sql(
        "INSERT INTO offer_items AS i (checkout_id, id, offer_id, product_id, variant_ids, position, name, description,
             quantity_default, quantity_min, quantity_max, optional, selected, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, kassa_now($14))
         ON CONFLICT (checkout_id, id) DO UPDATE SET variant_ids = excluded.variant_ids, position = excluded.position,
             name = excluded.name, description = excluded.description, quantity_default = excluded.quantity_default,
             quantity_min = excluded.quantity_min, quantity_max = excluded.quantity_max, optional = excluded.optional,
             selected = excluded.selected
         WHERE i.offer_id = excluded.offer_id AND i.product_id = excluded.product_id",
    )
    .bind(checkout)
    .bind(item.id)
    .bind(item.offer_id)
    .bind(item.product_id)
    .bind(&item.variant_ids)
    .bind(item.position)
    .bind(&item.name)
    .bind(&item.description)
    .bind(item.quantity_default)
    .bind(item.quantity_min)
    .bind(item.quantity_max)
    .bind(item.optional)
    .bind(item.selected)
    .bind(tx.offset_ms())
    .exactly_one(tx.conn())
    .await
}

/// Takes every item but those kept out of an offer. Sessions that hold one go on.
pub(super) async fn remove_items_but(
    tx: &Tx,
    checkout: CheckoutId,
    offer: OfferId,
    kept: &[OfferItemId],
) -> Result<(), DbError> {
    sql("UPDATE offer_items SET removed_at = kassa_now($1)
         WHERE checkout_id = $2 AND offer_id = $3 AND removed_at IS NULL AND NOT id = ANY($4)")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(offer)
    .bind(kept)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Makes the add-ons of an offer those given.
pub(super) async fn replace_add_ons(
    tx: &Tx,
    checkout: CheckoutId,
    offer: OfferId,
    add_ons: &[OfferAddOn],
) -> Result<(), DbError> {
    sql("DELETE FROM offer_add_ons WHERE checkout_id = $1 AND offer_id = $2")
        .bind(checkout)
        .bind(offer)
        .execute(tx.conn())
        .await?;
    for add_on in add_ons {
        sql("INSERT INTO offer_add_ons (checkout_id, offer_id, add_on_id, position, sort) VALUES ($1, $2, $3, $4, $5)")
            .bind(checkout)
            .bind(offer)
            .bind(add_on.add_on_id)
            .bind(add_on.position)
            .bind(add_on.sort)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}
