//! Every query on checks.

use super::model::{Begun, Question, VatCheck, VatNumberStatus};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, VatCheckId};
use crate::kernel::vat_number::VatNumber;

/// What is known of a buyer's number, if the buyer has one; no statement is sent for who has none. What was said too long ago is
/// known no more.
pub async fn find(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    number: Option<&VatNumber>,
) -> Result<Option<VatCheck>, DbError> {
    let Some(number) = number else {
        return Ok(None);
    };
    sql("SELECT CASE WHEN d.due THEN 'unverified' ELSE c.state END AS state, CASE WHEN NOT d.due THEN c.consultation_id END AS consultation_id,
             CASE WHEN NOT d.due THEN c.checked_at END AS checked_at, d.due
         FROM vat_checks c CROSS JOIN LATERAL (SELECT c.next_attempt_at <= kassa_now($1) AS due) d
         WHERE c.checkout_id = $2 AND c.vat_number = $3")
    .bind(offset_ms)
    .bind(checkout)
    .bind(number)
    .row(conn)
    .await
}

/// Begins a check, unless one is under way or its answer still counts: then there is no row. Of sessions that come at once one
/// begins it.
pub(super) async fn begin(
    tx: &Tx,
    checkout: CheckoutId,
    number: &VatNumber,
    patience_ms: i64,
) -> Result<Option<Begun>, DbError> {
    sql(
        "INSERT INTO vat_checks AS c (checkout_id, id, vat_number, state, next_attempt_at, created_at, updated_at)
         VALUES ($1, $2, $3, 'unverified', kassa_now($4 + $5), kassa_now($4), kassa_now($4))
         ON CONFLICT ON CONSTRAINT vat_checks_number_unique DO UPDATE SET state = 'unverified', consultation_id = NULL, checked_at = NULL,
             name = NULL, address = NULL, next_attempt_at = excluded.next_attempt_at, updated_at = excluded.updated_at
         WHERE c.next_attempt_at <= excluded.updated_at
         RETURNING id",
    )
    .bind(checkout)
    .bind(VatCheckId::generate(tx.clock()))
    .bind(number)
    .bind(tx.offset_ms())
    .bind(patience_ms)
    .row(tx.conn())
    .await
}

/// What a check asks.
pub(super) async fn question(conn: &Conn, checkout: CheckoutId, id: VatCheckId) -> Result<Option<Question>, DbError> {
    sql("SELECT c.vat_number, o.vat_number AS seller
         FROM vat_checks c
         JOIN checkouts s ON s.id = c.checkout_id
         JOIN organizations o ON o.id = s.organization_id
         WHERE c.checkout_id = $1 AND c.id = $2")
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// What VIES said.
pub(super) struct Answer<'a> {
    pub state: VatNumberStatus,
    pub at: Instant,
    pub consultation: Option<&'a str>,
    pub name: Option<&'a str>,
    pub address: Option<&'a str>,
}

/// Keeps an answer; it counts for so long.
pub(super) async fn answered(
    tx: &Tx,
    checkout: CheckoutId,
    id: VatCheckId,
    answer: &Answer<'_>,
    counts_ms: i64,
) -> Result<(), DbError> {
    sql(
        "UPDATE vat_checks SET state = $1, consultation_id = $2, checked_at = $3, name = $4, address = $5, last_error = NULL,
             next_attempt_at = kassa_now($6 + $7), updated_at = kassa_now($6)
         WHERE checkout_id = $8 AND id = $9",
    )
    .bind(answer.state)
    .bind(answer.consultation)
    .bind(answer.at)
    .bind(answer.name)
    .bind(answer.address)
    .bind(tx.offset_ms())
    .bind(counts_ms)
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}

/// Keeps why there is no answer; no session begins the check again for so long.
pub(super) async fn unanswered(
    tx: &Tx,
    checkout: CheckoutId,
    id: VatCheckId,
    why: &str,
    patience_ms: i64,
) -> Result<(), DbError> {
    sql(
        "UPDATE vat_checks SET last_error = $1, next_attempt_at = kassa_now($2 + $3), updated_at = kassa_now($2)
         WHERE checkout_id = $4 AND id = $5",
    )
    .bind(why)
    .bind(tx.offset_ms())
    .bind(patience_ms)
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}
