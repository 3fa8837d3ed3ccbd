//! Every query on sessions; those on their lines are the basket's.

use super::model::{Overdue, Session};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrderId, SessionId};

/// How long an open session lives after its last write, in milliseconds.
const LIFETIME_MS: i64 = 24 * 3_600_000;

/// A statement that reads whole sessions; `$1` is the Clock's offset. One whose time is over reads as what it will be, whether or
/// not the sweeper has come by: expired, or confirmed when it has an order.
macro_rules! sessions {
    ($rest:literal) => {
        concat!(
            "SELECT id, link_id, offer_id,
                 CASE WHEN status <> 'open' OR expires_at > kassa_now($1) THEN status
                      WHEN order_id IS NULL THEN 'expired' ELSE 'confirmed' END AS status,
                 currency, locale, email, country, first_name, last_name, postal_code, vat_number, contact, discount_code, custom,
                 metadata, locked, consents, messages, source, tags, test_mode, order_id, return_url, cancel_url, expires_at, created_at,
                 updated_at
             FROM checkout_sessions ",
            $rest
        )
    };
}

/// One session.
pub(super) async fn find(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    id: SessionId,
) -> Result<Option<Session>, DbError> {
    sql(sessions!("WHERE checkout_id = $2 AND id = $3"))
        .bind(offset_ms)
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// One session, locked: the first lock of everything a buyer does.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: SessionId) -> Result<Option<Session>, DbError> {
    sql(sessions!("WHERE checkout_id = $2 AND id = $3 FOR NO KEY UPDATE"))
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// The moments that a write gives a session.
#[derive(diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::checkout_sessions)]
struct Moments {
    expires_at: crate::kernel::clock::Instant,
    updated_at: crate::kernel::clock::Instant,
}

/// Writes a new session; its moments are the transaction's.
pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, session: &mut Session) -> Result<(), DbError> {
    let row: Option<Moments> = sql("INSERT INTO checkout_sessions (checkout_id, id, link_id, offer_id, status, currency, locale, email, country,
             first_name, last_name, postal_code, vat_number, contact, custom, metadata, locked, consents, source, tags, test_mode, expires_at,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, kassa_now($22 + $23),
             kassa_now($23), kassa_now($23))
         RETURNING expires_at, updated_at")
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
        .bind(&session.contact)
        .bind(&session.custom)
        .bind(&session.metadata)
        .bind(&session.locked)
        .bind(&session.consents)
        .bind(&session.source)
        .bind(&session.tags)
        .bind(session.test_mode)
        .bind(LIFETIME_MS)
        .bind(tx.offset_ms())
        .row(tx.conn())
        .await?;
    let moments = row.ok_or(DbError::Stale)?;
    session.expires_at = moments.expires_at;
    session.created_at = moments.updated_at;
    session.updated_at = moments.updated_at;
    Ok(())
}

/// Keeps what changed; the session is open, and lives on for its whole lifetime from now.
pub(super) async fn update(tx: &Tx, checkout: CheckoutId, session: &mut Session) -> Result<(), DbError> {
    let row: Option<Moments> = sql("UPDATE checkout_sessions SET status = 'open', currency = $1, locale = $2, email = $3, country = $4, first_name = $5,
             last_name = $6, postal_code = $7, vat_number = $8, contact = $9, discount_code = $10, consents = $11, messages = $12, metadata = $13,
             expires_at = kassa_now($14 + $15), updated_at = kassa_now($15)
         WHERE checkout_id = $16 AND id = $17 AND status IN ('open', 'confirmed')
         RETURNING expires_at, updated_at")
        .bind(session.currency)
        .bind(&session.locale)
        .bind(&session.email)
        .bind(session.country)
        .bind(&session.first_name)
        .bind(&session.last_name)
        .bind(&session.postal_code)
        .bind(&session.vat_number)
        .bind(&session.contact)
        .bind(&session.discount_code)
        .bind(&session.consents)
        .bind(&session.messages)
        .bind(&session.metadata)
        .bind(LIFETIME_MS)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(session.id)
        .row(tx.conn())
        .await?;
    let moments = row.ok_or(DbError::Stale)?;
    session.expires_at = moments.expires_at;
    session.updated_at = moments.updated_at;
    Ok(())
}

/// Marks an open session as confirmed with its order.
pub(super) async fn confirm(tx: &Tx, checkout: CheckoutId, session: &Session, order: OrderId) -> Result<(), DbError> {
    sql(
        "UPDATE checkout_sessions SET status = 'confirmed', order_id = $1, discount_code = $2, messages = $3, consents = $4,
             return_url = $5, cancel_url = $6, updated_at = kassa_now($7)
         WHERE checkout_id = $8 AND id = $9 AND status = 'open'",
    )
    .bind(order)
    .bind(&session.discount_code)
    .bind(&session.messages)
    .bind(&session.consents)
    .bind(session.return_url.as_deref())
    .bind(session.cancel_url.as_deref())
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(session.id)
    .exactly_one(tx.conn())
    .await
}

/// The session waits for its money once more. One that went back to the basket and was left there is confirmed again by that, and no
/// longer the sweeper's.
pub(super) async fn pay_again(tx: &Tx, checkout: CheckoutId, session: &Session) -> Result<(), DbError> {
    sql("UPDATE checkout_sessions SET status = 'confirmed', discount_code = $1, return_url = $2, cancel_url = $3, updated_at = kassa_now($4)
         WHERE checkout_id = $5 AND id = $6 AND order_id IS NOT NULL")
        .bind(&session.discount_code)
        .bind(session.return_url.as_deref())
        .bind(session.cancel_url.as_deref())
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(session.id)
        .exactly_one(tx.conn())
        .await
}

/// Ends up to 500 open sessions whose time is over. One that has an order goes back to waiting for its money.
pub(super) async fn expire_overdue(tx: &Tx) -> Result<Vec<Overdue>, DbError> {
    sql("WITH due AS (
             SELECT checkout_id, id FROM checkout_sessions WHERE status = 'open' AND expires_at <= kassa_now($1)
             ORDER BY expires_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
         )
         UPDATE checkout_sessions s SET status = CASE WHEN s.order_id IS NULL THEN 'expired' ELSE 'confirmed' END,
             updated_at = kassa_now($1)
         FROM due WHERE s.checkout_id = due.checkout_id AND s.id = due.id
         RETURNING s.checkout_id, s.id, s.test_mode, s.order_id")
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}
