//! Every query on what sessions hold.

use super::model::HeldCode;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::discounts::holds::model::Ended;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::money::Currency;

macro_rules! last_of_session {
    ($rest:literal) => {
        concat!(
            "SELECT h.checkout_id, h.id, h.discount_code_id, h.session_id, h.test_mode, h.state, h.phase, h.expires_at,
                 h.renewable_until, h.counted,
                 h.state = 'held' AND (h.phase = 'payment' OR h.renewable_until > kassa_now($1)) AS in_force, ",
            code_terms!(),
            " FROM discount_holds h
             JOIN discount_codes c ON c.checkout_id = h.checkout_id AND c.id = h.discount_code_id
             LEFT JOIN discount_amounts a ON a.checkout_id = c.checkout_id AND a.discount_code_id = c.id AND a.currency = $2
             WHERE h.checkout_id = $3 AND h.session_id = $4 ORDER BY h.id DESC LIMIT 1",
            $rest
        )
    };
}

/// The last use of a session, whatever became of it.
pub async fn find(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    session: SessionId,
    currency: Currency,
) -> Result<Option<HeldCode>, DbError> {
    sql(last_of_session!(""))
        .bind(offset_ms)
        .bind(currency)
        .bind(checkout)
        .bind(session)
        .row(conn)
        .await
}

/// The same, locked.
pub async fn lock(
    tx: &Tx,
    checkout: CheckoutId,
    session: SessionId,
    currency: Currency,
) -> Result<Option<HeldCode>, DbError> {
    sql(last_of_session!(" FOR NO KEY UPDATE OF h"))
        .bind(tx.offset_ms())
        .bind(currency)
        .bind(checkout)
        .bind(session)
        .row(tx.conn())
        .await
}

/// Ends what sessions hold in their baskets.
pub(in crate::discounts::holds) async fn release_of_sessions(
    tx: &Tx,
    sessions: &[(CheckoutId, SessionId)],
) -> Result<Vec<Ended>, DbError> {
    sql("WITH due AS (
             SELECT h.checkout_id, h.id FROM unnest($1::uuid[], $2::uuid[]) s(checkout_id, id)
             JOIN discount_holds h ON h.checkout_id = s.checkout_id AND h.session_id = s.id
             WHERE h.state = 'held' AND h.phase = 'basket' ORDER BY h.id FOR NO KEY UPDATE OF h
         )
         UPDATE discount_holds h SET state = 'released', updated_at = kassa_now($3)
         FROM due WHERE h.checkout_id = due.checkout_id AND h.id = due.id
         RETURNING h.checkout_id, h.discount_code_id, h.test_mode, h.counted")
    .bind(sessions.iter().map(|(checkout, _)| *checkout).collect::<Vec<_>>())
    .bind(sessions.iter().map(|(_, session)| *session).collect::<Vec<_>>())
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}
