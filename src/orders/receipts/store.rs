//! Every query on numbers of receipts.

use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};

pub(super) async fn any_due(conn: &Conn) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM orders WHERE paid_at IS NOT NULL AND receipt_number IS NULL LIMIT 1")
        .execute(conn)
        .await?;
    Ok(found > 0)
}

/// Numbers up to five hundred orders. The counters' rows stay locked until the commit, so a number is never given twice, and one that
/// was drawn is never lost.
pub(super) async fn number(tx: &Tx) -> Result<usize, DbError> {
    sql("WITH batch AS (
             SELECT checkout_id, id, test_mode, paid_at, extract(year FROM paid_at AT TIME ZONE 'UTC')::int AS year FROM orders
             WHERE paid_at IS NOT NULL AND receipt_number IS NULL ORDER BY paid_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
         ), counts AS (
             SELECT checkout_id, test_mode, year, count(*) AS n FROM batch GROUP BY checkout_id, test_mode, year
             ORDER BY checkout_id, test_mode, year
         ), bumped AS (
             INSERT INTO receipt_counters (checkout_id, test_mode, year, last_number) SELECT checkout_id, test_mode, year, n FROM counts
             ON CONFLICT (checkout_id, test_mode, year) DO UPDATE SET last_number = receipt_counters.last_number + excluded.last_number
             RETURNING checkout_id, test_mode, year, last_number
         ), numbered AS (
             SELECT b.checkout_id, b.id, b.year, w.last_number - c.n
                 + row_number() OVER (PARTITION BY b.checkout_id, b.test_mode, b.year ORDER BY b.paid_at, b.id) AS number
             FROM batch b JOIN counts c USING (checkout_id, test_mode, year) JOIN bumped w USING (checkout_id, test_mode, year)
         )
         UPDATE orders o SET receipt_year = n.year, receipt_number = n.number, updated_at = kassa_now($1)
         FROM numbered n WHERE o.checkout_id = n.checkout_id AND o.id = n.id")
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
}
