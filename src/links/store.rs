//! Every query on links.

use super::model::{Link, PublicLink};
use crate::catalog::products::model::CatalogStatus;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, LinkId, OfferId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::text::Slug;

/// A statement that reads whole links.
macro_rules! links {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.offer_id, l.kind, l.name, l.slug, l.source, l.tags, l.active, l.inactive_message, l.expires_at, l.test_mode,
                 l.external_id, l.variant_id, l.currency, l.custom_price, l.product_options, l.checkout_options, l.checkout_data,
                 l.status, l.metadata, l.created_at, l.updated_at, n.max_orders, n.orders,
                 (SELECT coalesce(sum(s.sessions), 0)::bigint FROM link_session_counters s
                  WHERE s.checkout_id = l.checkout_id AND s.link_id = l.id) AS sessions
             FROM checkout_links l
             JOIN link_counters n ON n.checkout_id = l.checkout_id AND n.link_id = l.id ",
            $rest
        )
    };
}

/// A page of links of one status, newest first.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    (status, test_mode): (CatalogStatus, bool),
    page: &PageRequest,
) -> Result<Page<Link>, DbError> {
    let rows = sql(links!(
        "WHERE l.checkout_id = $1 AND l.status = $2 AND l.test_mode = $3
             AND l.id < coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY l.id DESC LIMIT $5"
    ))
    .bind(checkout)
    .bind(status)
    .bind(test_mode)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &Link| row.id.uuid()))
}

/// One link.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId, id: LinkId) -> Result<Option<Link>, DbError> {
    sql(links!("WHERE l.checkout_id = $1 AND l.id = $2"))
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// One link, locked for a change.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: LinkId) -> Result<Option<Link>, DbError> {
    sql(links!("WHERE l.checkout_id = $1 AND l.id = $2 FOR NO KEY UPDATE OF l"))
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// A statement that reads links with the shop and the offer behind them; `$1` is the Clock's offset.
macro_rules! public_links {
    ($from:literal) => {
        concat!(
            "SELECT c.id AS checkout_id, c.name AS checkout_name, c.slug AS checkout_slug,
                 c.default_currency, c.default_locale, c.prices_include_tax, coalesce(o.country, c.country) AS seller_country, c.country AS checkout_country,
                 o.vat_registered, o.union_oss, o.registrations, o.unverified_vat, c.hold_seconds, c.payment_hold_seconds,
                 c.max_holds_per_address, l.id AS link_id, l.kind, l.slug AS link_slug, l.external_id, l.source, l.tags,
                 l.active AND l.status = 'active' AND f.status = 'active' AS active,
                 coalesce(l.expires_at <= kassa_now($1), false) AS expired, coalesce(n.orders >= n.max_orders, false) AS used_up,
                 n.max_orders IS NOT NULL AS limited,
                 l.inactive_message, l.expires_at, l.test_mode, l.variant_id, l.currency, l.custom_price, l.product_options,
                 l.checkout_options, l.checkout_data, f.id AS offer_id, f.title AS offer_title, f.description AS offer_description,
                 f.image_urls AS offer_image_urls, f.translations AS offer_translations,
                 coalesce(l.product_options ->> 'redirect_url', f.success_url) AS success_url,
                 coalesce((SELECT jsonb_agg(jsonb_build_object('provider', m.provider, 'minimums', m.minimums, 'settings', m.settings))
                     FROM payment_methods m WHERE m.checkout_id = c.id AND m.test_mode = l.test_mode AND m.enabled), '[]') AS payment_methods
             FROM ",
            $from
        )
    };
}

/// The permanent link at a public address.
pub(super) async fn find_by_slugs(
    conn: &Conn,
    offset_ms: i64,
    checkout: &Slug,
    link: &Slug,
) -> Result<Option<PublicLink>, DbError> {
    sql(public_links!(
        "checkout_slugs s
         JOIN checkouts c ON c.id = s.checkout_id
         JOIN organizations o ON o.id = c.organization_id
         JOIN checkout_links l ON l.checkout_id = s.checkout_id AND l.slug = $2 AND l.kind = 'permanent'
         JOIN link_counters n ON n.checkout_id = l.checkout_id AND n.link_id = l.id
         JOIN offers f ON f.checkout_id = l.checkout_id AND f.id = l.offer_id
         WHERE s.slug = $3"
    ))
    .bind(offset_ms)
    .bind(link)
    .bind(checkout)
    .row(conn)
    .await
}

/// The link that a signed address names.
pub(super) async fn find_by_token(conn: &Conn, offset_ms: i64, link: LinkId) -> Result<Option<PublicLink>, DbError> {
    sql(public_links!(
        "link_tokens t
         JOIN checkouts c ON c.id = t.checkout_id
         JOIN organizations o ON o.id = c.organization_id
         JOIN checkout_links l ON l.checkout_id = t.checkout_id AND l.id = t.link_id
         JOIN link_counters n ON n.checkout_id = l.checkout_id AND n.link_id = l.id
         JOIN offers f ON f.checkout_id = l.checkout_id AND f.id = l.offer_id
         WHERE t.link_id = $2 AND c.deleted_at IS NULL"
    ))
    .bind(offset_ms)
    .bind(link)
    .row(conn)
    .await
}

/// The same by id, for a session that is already open.
pub async fn find_behind_session(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    link: LinkId,
) -> Result<Option<PublicLink>, DbError> {
    sql(public_links!(
        "checkout_links l
         JOIN checkouts c ON c.id = l.checkout_id
         JOIN organizations o ON o.id = c.organization_id
         JOIN link_counters n ON n.checkout_id = l.checkout_id AND n.link_id = l.id
         JOIN offers f ON f.checkout_id = l.checkout_id AND f.id = l.offer_id
         WHERE l.checkout_id = $2 AND l.id = $3"
    ))
    .bind(offset_ms)
    .bind(checkout)
    .bind(link)
    .row(conn)
    .await
}

/// A permanent link of a checkout that is known already.
pub async fn find_in_checkout(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    link: &Slug,
) -> Result<Option<PublicLink>, DbError> {
    sql(public_links!(
        "checkout_links l
         JOIN checkouts c ON c.id = l.checkout_id
         JOIN organizations o ON o.id = c.organization_id
         JOIN link_counters n ON n.checkout_id = l.checkout_id AND n.link_id = l.id
         JOIN offers f ON f.checkout_id = l.checkout_id AND f.id = l.offer_id
         WHERE l.checkout_id = $2 AND l.slug = $3 AND l.kind = 'permanent'"
    ))
    .bind(offset_ms)
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

/// Writes a link with its counter, and the look-up of its signed address if it has one.
pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, link: &Link, signed: bool) -> Result<(), DbError> {
    sql("INSERT INTO checkout_links (checkout_id, id, offer_id, kind, name, slug, source, tags, active, inactive_message, expires_at,
             test_mode, external_id, variant_id, currency, custom_price, product_options, checkout_options, checkout_data, status,
             metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, kassa_now($22),
             kassa_now($22))")
        .bind(checkout)
        .bind(link.id)
        .bind(link.offer_id)
        .bind(link.kind)
        .bind(&link.name)
        .bind(&link.slug)
        .bind(&link.source)
        .bind(&link.tags)
        .bind(link.active)
        .bind(&link.inactive_message)
        .bind(link.expires_at)
        .bind(link.test_mode)
        .bind(&link.external_id)
        .bind(link.variant_id)
        .bind(link.currency)
        .bind(link.custom_price)
        .bind(&link.product_options)
        .bind(&link.checkout_options)
        .bind(&link.checkout_data)
        .bind(link.status)
        .bind(&link.metadata)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    sql("INSERT INTO link_counters (checkout_id, link_id, orders, max_orders) VALUES ($1, $2, 0, $3)")
        .bind(checkout)
        .bind(link.id)
        .bind(link.max_orders)
        .execute(tx.conn())
        .await?;
    if signed {
        sql("INSERT INTO link_tokens (link_id, checkout_id) VALUES ($1, $2)")
            .bind(link.id)
            .bind(checkout)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

pub(super) async fn update(tx: &Tx, checkout: CheckoutId, link: &Link) -> Result<(), DbError> {
    sql("UPDATE checkout_links SET name = $1, source = $2, tags = $3, active = $4, inactive_message = $5, expires_at = $6,
             external_id = $7, variant_id = $8, currency = $9, custom_price = $10, product_options = $11, checkout_options = $12,
             checkout_data = $13, status = $14, metadata = $15, updated_at = kassa_now($16)
         WHERE checkout_id = $17 AND id = $18")
        .bind(&link.name)
        .bind(&link.source)
        .bind(&link.tags)
        .bind(link.active)
        .bind(&link.inactive_message)
        .bind(link.expires_at)
        .bind(&link.external_id)
        .bind(link.variant_id)
        .bind(link.currency)
        .bind(link.custom_price)
        .bind(&link.product_options)
        .bind(&link.checkout_options)
        .bind(&link.checkout_data)
        .bind(link.status)
        .bind(&link.metadata)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(link.id)
        .exactly_one(tx.conn())
        .await
}

/// Gives a link another limit.
pub(super) async fn set_limit(
    tx: &Tx,
    checkout: CheckoutId,
    link: LinkId,
    max_orders: Option<i64>,
) -> Result<(), DbError> {
    sql("UPDATE link_counters SET max_orders = $1 WHERE checkout_id = $2 AND link_id = $3")
        .bind(max_orders)
        .bind(checkout)
        .bind(link)
        .exactly_one(tx.conn())
        .await
}

/// Counts an order, if the link allows another one.
pub(super) async fn count_order(tx: &Tx, checkout: CheckoutId, link: LinkId) -> Result<bool, DbError> {
    let counted = sql("UPDATE link_counters SET orders = orders + 1
         WHERE checkout_id = $1 AND link_id = $2 AND (max_orders IS NULL OR orders < max_orders)")
    .bind(checkout)
    .bind(link)
    .execute(tx.conn())
    .await?;
    Ok(counted == 1)
}

/// Takes an order back from the count.
pub(super) async fn release_order(tx: &Tx, checkout: CheckoutId, link: LinkId) -> Result<(), DbError> {
    sql("UPDATE link_counters SET orders = orders - 1 WHERE checkout_id = $1 AND link_id = $2 AND orders > 0")
        .bind(checkout)
        .bind(link)
        .exactly_one(tx.conn())
        .await
}

/// The checkout of the link that a signed address names.
pub async fn checkout_of_token(conn: &Conn, link: LinkId) -> Result<Option<CheckoutId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::link_tokens)]
    struct Row {
        checkout_id: CheckoutId,
    }
    let row: Option<Row> = sql("SELECT checkout_id FROM link_tokens WHERE link_id = $1")
        .bind(link)
        .row(conn)
        .await?;
    Ok(row.map(|row| row.checkout_id))
}

/// Counts a session that was opened from a link, in one of sixteen rows.
pub async fn count_session(tx: &Tx, checkout: CheckoutId, link: LinkId, shard: u8) -> Result<(), DbError> {
    sql(
        "INSERT INTO link_session_counters AS c (checkout_id, link_id, shard, sessions) VALUES ($1, $2, $3, 1)
         ON CONFLICT (checkout_id, link_id, shard) DO UPDATE SET sessions = c.sessions + 1",
    )
    .bind(checkout)
    .bind(link)
    .bind(i32::from(shard % 16))
    .exactly_one(tx.conn())
    .await
}
