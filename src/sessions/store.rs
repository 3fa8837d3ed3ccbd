//! Every query on sessions and their lines.

use futures_util::future::try_join_all;

use super::model::{Session, SessionLine};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, LineId, OfferItemId, OrderId, ProductId, SessionId, VariantId};
use crate::kernel::money::Currency;

/// How long an open session lives after its last write, in milliseconds.
const LIFETIME_MS: i64 = 24 * 3_600_000;

/// One session. One whose time is over reads as expired, whether or not the sweeper has come by.
pub(super) async fn find(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    id: SessionId,
) -> Result<Option<Session>, DbError> {
    sql("SELECT id, link_id, offer_id, CASE WHEN status = 'open' AND expires_at <= kassa_now($1) THEN 'expired' ELSE status END AS status, currency, locale, email, country, first_name, last_name,
                postal_code, vat_number, discount_code, custom, locked, consents, source, tags, test_mode, order_id, expires_at, created_at, updated_at
         FROM checkout_sessions WHERE checkout_id = $2 AND id = $3")
        .bind(offset_ms)
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// One session, locked: the first lock of everything a buyer does.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: SessionId) -> Result<Option<Session>, DbError> {
    sql("SELECT id, link_id, offer_id, CASE WHEN status = 'open' AND expires_at <= kassa_now($1) THEN 'expired' ELSE status END AS status, currency, locale, email, country, first_name, last_name,
                postal_code, vat_number, discount_code, custom, locked, consents, source, tags, test_mode, order_id, expires_at, created_at, updated_at
         FROM checkout_sessions WHERE checkout_id = $2 AND id = $3 FOR NO KEY UPDATE")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// The basket with the prices that hold now in the session's currency. The ranks are those of
/// [`crate::catalog::prices::model::LevelPrice`], before them the link's own price; a test holds the two against each other.
pub(super) async fn lines(conn: &Conn, checkout: CheckoutId, session: SessionId) -> Result<Vec<SessionLine>, DbError> {
    sql("SELECT l.id, l.product_id, l.variant_id,
                coalesce(CASE WHEN l.of_link THEN k.product_options ->> 'name' END, i.name, p.name) AS name, p.vat_type, p.place_country, l.quantity,
                i.quantity_min, i.quantity_max, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM session_lines l
         JOIN checkout_sessions s ON s.checkout_id = l.checkout_id AND s.id = l.session_id
         JOIN checkout_links k ON k.checkout_id = s.checkout_id AND k.id = s.link_id
         JOIN offer_items i ON i.checkout_id = l.checkout_id AND i.id = l.offer_item_id
         JOIN products p ON p.checkout_id = l.checkout_id AND p.id = l.product_id
         LEFT JOIN LATERAL (
             SELECT 0 AS level, k.custom_price AS amount, NULL::bigint AS discounted_amount, NULL::bigint AS lowest_amount_30_days
             WHERE l.of_link AND k.custom_price IS NOT NULL AND k.currency = s.currency
             UNION ALL
             SELECT CASE WHEN o.variant_id IS NULL THEN 2 ELSE 1 END, o.amount, o.discounted_amount, o.lowest_amount_30_days
             FROM offer_item_prices o
             WHERE o.checkout_id = l.checkout_id AND o.offer_item_id = l.offer_item_id
                 AND o.variant_key IN ('00000000-0000-0000-0000-000000000000', l.variant_id) AND o.currency = s.currency
             UNION ALL
             SELECT 3, v.amount, v.discounted_amount, v.lowest_amount_30_days FROM variant_prices v
             WHERE v.checkout_id = l.checkout_id AND v.variant_id = l.variant_id AND v.currency = s.currency
             UNION ALL
             SELECT 4, d.amount, d.discounted_amount, d.lowest_amount_30_days FROM product_prices d
             WHERE d.checkout_id = l.checkout_id AND d.product_id = l.product_id AND d.currency = s.currency
             ORDER BY level LIMIT 1
         ) x ON true
         WHERE l.checkout_id = $1 AND l.session_id = $2 ORDER BY l.position")
        .bind(checkout)
        .bind(session)
        .rows(conn)
        .await
}

/// A line of a new session.
pub(super) struct NewLine {
    pub id: LineId,
    pub offer_item: OfferItemId,
    pub product: ProductId,
    pub variant: VariantId,
    pub quantity: i32,
    pub of_link: bool,
}

pub(super) async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    session: &Session,
    lines: &[NewLine],
) -> Result<Session, DbError> {
    let inserted: Option<Session> = sql("INSERT INTO checkout_sessions (checkout_id, id, link_id, offer_id, status, currency, locale, email, country, first_name,
             last_name, postal_code, vat_number, discount_code, custom, locked, consents, source, tags, test_mode, expires_at, created_at,
             updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, kassa_now($21 + $22),
             kassa_now($22), kassa_now($22))
         RETURNING id, link_id, offer_id, status, currency, locale, email, country, first_name, last_name, postal_code, vat_number,
             discount_code, custom, locked, consents, source, tags, test_mode, order_id, expires_at, created_at, updated_at")
        .bind(checkout)
        .bind(session.id)
        .bind(session.link_id)
        .bind(session.offer_id)
        .bind(session.status)
        .bind(session.currency)
        .bind(&session.locale)
        .bind(&session.email)
        .bind(session.country)
        .bind(&session.first_name)
        .bind(&session.last_name)
        .bind(&session.postal_code)
        .bind(&session.vat_number)
        .bind(&session.discount_code)
        .bind(&session.custom)
        .bind(&session.locked)
        .bind(&session.consents)
        .bind(&session.source)
        .bind(&session.tags)
        .bind(session.test_mode)
        .bind(LIFETIME_MS)
        .bind(tx.offset_ms())
        .row(tx.conn())
        .await?;
    let written = (0_i32..).zip(lines).map(|(position, line)| {
        sql("INSERT INTO session_lines (checkout_id, id, session_id, position, offer_item_id, product_id, variant_id, quantity, of_link)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(checkout)
            .bind(line.id)
            .bind(session.id)
            .bind(position)
            .bind(line.offer_item)
            .bind(line.product)
            .bind(line.variant)
            .bind(line.quantity)
            .bind(line.of_link)
            .execute(tx.conn())
    });
    try_join_all(written).await?;
    inserted.ok_or(DbError::Stale)
}

/// Keeps what the buyer changed and returns the session as it is now; the session lives on for its whole lifetime from now.
pub(super) async fn update(tx: &Tx, checkout: CheckoutId, session: &Session) -> Result<Session, DbError> {
    let row: Option<Session> = sql("UPDATE checkout_sessions SET currency = $1, locale = $2, email = $3, country = $4, first_name = $5, last_name = $6,
             postal_code = $7, vat_number = $8, consents = $9, expires_at = kassa_now($10 + $11), updated_at = kassa_now($11)
         WHERE checkout_id = $12 AND id = $13 AND status = 'open'
         RETURNING id, link_id, offer_id, status, currency, locale, email, country, first_name, last_name, postal_code, vat_number,
             discount_code, custom, locked, consents, source, tags, test_mode, order_id, expires_at, created_at, updated_at")
        .bind(session.currency)
        .bind(&session.locale)
        .bind(&session.email)
        .bind(session.country)
        .bind(&session.first_name)
        .bind(&session.last_name)
        .bind(&session.postal_code)
        .bind(&session.vat_number)
        .bind(&session.consents)
        .bind(LIFETIME_MS)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(session.id)
        .row(tx.conn())
        .await?;
    row.ok_or(DbError::Stale)
}

/// Marks a session as confirmed with its order.
pub(super) async fn confirm(tx: &Tx, checkout: CheckoutId, session: SessionId, order: OrderId) -> Result<(), DbError> {
    sql(
        "UPDATE checkout_sessions SET status = 'confirmed', order_id = $1, updated_at = kassa_now($2)
         WHERE checkout_id = $3 AND id = $4 AND status = 'open'",
    )
    .bind(order)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(session)
    .exactly_one(tx.conn())
    .await
}

/// Whether everything in the basket has a price in a currency; a link with a price of its own is sold in that currency alone.
pub(super) async fn offered_in(
    conn: &Conn,
    checkout: CheckoutId,
    session: SessionId,
    currency: Currency,
) -> Result<bool, DbError> {
    let missing = sql("SELECT 1 FROM session_lines l
         JOIN checkout_sessions s ON s.checkout_id = l.checkout_id AND s.id = l.session_id
         JOIN checkout_links k ON k.checkout_id = s.checkout_id AND k.id = s.link_id
         WHERE l.checkout_id = $1 AND l.session_id = $2 AND (
             k.custom_price IS NOT NULL AND k.currency <> $3
             OR NOT (l.of_link AND k.custom_price IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM offer_item_prices o WHERE o.checkout_id = l.checkout_id
                 AND o.offer_item_id = l.offer_item_id
                 AND o.variant_key IN ('00000000-0000-0000-0000-000000000000', l.variant_id) AND o.currency = $3)
             AND NOT EXISTS (SELECT 1 FROM variant_prices v WHERE v.checkout_id = l.checkout_id AND v.variant_id = l.variant_id
                 AND v.currency = $3)
             AND NOT EXISTS (SELECT 1 FROM product_prices d WHERE d.checkout_id = l.checkout_id AND d.product_id = l.product_id
                 AND d.currency = $3))
         LIMIT 1")
    .bind(checkout)
    .bind(session)
    .bind(currency)
    .execute(conn)
    .await?;
    Ok(missing == 0)
}

/// A session whose time is over.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::checkout_sessions)]
pub(super) struct Overdue {
    pub checkout_id: CheckoutId,
    pub id: SessionId,
    pub test_mode: bool,
}

/// Ends up to 500 open sessions whose time is over.
pub(super) async fn expire_overdue(tx: &Tx) -> Result<Vec<Overdue>, DbError> {
    sql("WITH due AS (
             SELECT checkout_id, id FROM checkout_sessions WHERE status = 'open' AND expires_at <= kassa_now($1)
             ORDER BY expires_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
         )
         UPDATE checkout_sessions s SET status = 'expired', updated_at = kassa_now($1)
         FROM due WHERE s.checkout_id = due.checkout_id AND s.id = due.id
         RETURNING s.checkout_id, s.id, s.test_mode")
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}
