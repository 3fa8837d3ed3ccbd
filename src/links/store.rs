//! Every query on links.

use super::model::{Link, PublicLink};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, LinkId, OfferId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::text::Slug;

/// A page of links, newest first.
pub(super) async fn page(conn: &Conn, checkout: CheckoutId, page: &PageRequest) -> Result<Page<Link>, DbError> {
    let rows = sql("SELECT id, offer_id, name, slug, source, tags, active, inactive_message, test_mode, metadata, created_at, updated_at
         FROM checkout_links
         WHERE checkout_id = $1 AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $3")
        .bind(checkout)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    Ok(Page::cut(rows, page, |row: &Link| row.id.uuid()))
}

/// One link.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId, id: LinkId) -> Result<Option<Link>, DbError> {
    sql("SELECT id, offer_id, name, slug, source, tags, active, inactive_message, test_mode, metadata, created_at, updated_at
         FROM checkout_links WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// One link, locked for a change.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: LinkId) -> Result<Option<Link>, DbError> {
    sql("SELECT id, offer_id, name, slug, source, tags, active, inactive_message, test_mode, metadata, created_at, updated_at
         FROM checkout_links WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// The link at a public address, with the shop and the offer behind it: one round trip.
pub async fn find_public(conn: &Conn, checkout: &Slug, link: &Slug) -> Result<Option<PublicLink>, DbError> {
    sql("SELECT c.id AS checkout_id, c.name AS checkout_name, c.slug AS checkout_slug, c.status AS checkout_status,
                c.default_currency, c.default_locale, c.prices_include_tax, o.country AS seller_country, o.vat_registered,
                o.union_oss, l.id AS link_id, l.slug AS link_slug, l.source, l.tags, l.active, l.inactive_message, l.test_mode,
                f.id AS offer_id, f.title AS offer_title, f.description AS offer_description, f.success_url
         FROM checkout_slugs s
         JOIN checkouts c ON c.id = s.checkout_id
         JOIN organizations o ON o.id = c.organization_id
         JOIN checkout_links l ON l.checkout_id = s.checkout_id AND l.slug = $1
         JOIN offers f ON f.checkout_id = l.checkout_id AND f.id = l.offer_id
         WHERE s.slug = $2")
    .bind(link)
    .bind(checkout)
    .row(conn)
    .await
}

/// The same by id, for a session that is already open.
pub async fn find_behind_session(
    conn: &Conn,
    checkout: CheckoutId,
    link: LinkId,
) -> Result<Option<PublicLink>, DbError> {
    sql("SELECT c.id AS checkout_id, c.name AS checkout_name, c.slug AS checkout_slug, c.status AS checkout_status,
                c.default_currency, c.default_locale, c.prices_include_tax, o.country AS seller_country, o.vat_registered,
                o.union_oss, l.id AS link_id, l.slug AS link_slug, l.source, l.tags, l.active, l.inactive_message, l.test_mode,
                f.id AS offer_id, f.title AS offer_title, f.description AS offer_description, f.success_url
         FROM checkout_links l
         JOIN checkouts c ON c.id = l.checkout_id
         JOIN organizations o ON o.id = c.organization_id
         JOIN offers f ON f.checkout_id = l.checkout_id AND f.id = l.offer_id
         WHERE l.checkout_id = $1 AND l.id = $2")
    .bind(checkout)
    .bind(link)
    .row(conn)
    .await
}

/// Whether an offer is in use in this checkout.
pub(super) async fn offer_is_active(tx: &Tx, checkout: CheckoutId, offer: OfferId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM offers WHERE checkout_id = $1 AND id = $2 AND status = 'active'")
        .bind(checkout)
        .bind(offer)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, link: &Link) -> Result<(), DbError> {
    sql("INSERT INTO checkout_links (checkout_id, id, offer_id, name, slug, source, tags, active, inactive_message, test_mode,
             metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, kassa_now($12), kassa_now($12))")
        .bind(checkout)
        .bind(link.id)
        .bind(link.offer_id)
        .bind(&link.name)
        .bind(&link.slug)
        .bind(&link.source)
        .bind(&link.tags)
        .bind(link.active)
        .bind(&link.inactive_message)
        .bind(link.test_mode)
        .bind(&link.metadata)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, link: &Link) -> Result<(), DbError> {
    sql("UPDATE checkout_links SET name = $1, source = $2, tags = $3, active = $4, inactive_message = $5, metadata = $6,
             updated_at = kassa_now($7)
         WHERE checkout_id = $8 AND id = $9")
        .bind(&link.name)
        .bind(&link.source)
        .bind(&link.tags)
        .bind(link.active)
        .bind(&link.inactive_message)
        .bind(&link.metadata)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(link.id)
        .exactly_one(tx.conn())
        .await
}
