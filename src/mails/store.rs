//! Every query on the queue of mails.

use diesel::QueryableByName;

use crate::db::error::DbError;
use crate::db::schema::mails;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{MailId, OrderId};

/// How long a claimed mail belongs to its worker, in milliseconds: longer than sending may take.
const LEASE_MS: i64 = 60_000;

/// A claimed mail.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = mails)]
pub(super) struct Claimed {
    pub id: MailId,
    pub message_sealed: Vec<u8>,
    pub generation: i32,
    pub attempts: i32,
}

pub(super) async fn insert(
    tx: &Tx,
    rank: i32,
    about: Option<OrderId>,
    ids: &[MailId],
    sealed: Vec<Vec<u8>>,
) -> Result<(), DbError> {
    sql("INSERT INTO mails (id, message_sealed, rank, about, run_at, created_at)
         SELECT m.id, m.sealed, $1, $2, kassa_now($3), kassa_now($3) FROM unnest($4::uuid[], $5::bytea[]) m(id, sealed)")
    .bind(rank)
    .bind(about)
    .bind(tx.offset_ms())
    .bind(ids)
    .bind(sealed)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Claims up to eight due mails, those first that somebody waits for. (The limit is part of the text, for the plan: see `db::jobs::claim`.)
pub(super) async fn claim(conn: &Conn, offset_ms: i64) -> Result<Vec<Claimed>, DbError> {
    sql("WITH due AS (
             SELECT id FROM mails WHERE run_at <= kassa_now($1) ORDER BY rank, run_at LIMIT 8 FOR UPDATE SKIP LOCKED
         )
         UPDATE mails SET generation = generation + 1, attempts = attempts + 1, run_at = kassa_now($1 + $2)
         FROM due WHERE mails.id = due.id
         RETURNING mails.id, mails.message_sealed, mails.generation, mails.attempts")
    .bind(offset_ms)
    .bind(LEASE_MS)
    .rows(conn)
    .await
}

/// Forgets a mail that was sent or given up, unless another worker has taken it over.
pub(super) async fn finish(conn: &Conn, mail: &Claimed) -> Result<(), DbError> {
    sql("DELETE FROM mails WHERE id = $1 AND generation = $2")
        .bind(mail.id)
        .bind(mail.generation)
        .execute(conn)
        .await
        .map(drop)
}

pub(super) async fn retry(
    conn: &Conn,
    offset_ms: i64,
    mail: &Claimed,
    delay_ms: i64,
    error: &str,
) -> Result<(), DbError> {
    sql("UPDATE mails SET run_at = kassa_now($1 + $2), last_error = $3 WHERE id = $4 AND generation = $5")
        .bind(offset_ms)
        .bind(delay_ms)
        .bind(error)
        .bind(mail.id)
        .bind(mail.generation)
        .execute(conn)
        .await
        .map(drop)
}
