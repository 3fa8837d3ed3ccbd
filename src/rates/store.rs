//! Queries of rates. They belong to no tenant: the same for everyone.

use chrono::NaiveDate;
use futures_util::future::try_join_all;

use super::model::EuroRate;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::money::Currency;

/// The newest rate of each of these currencies until a day; of one day's rates the one imported last.
pub(super) async fn newest(conn: &Conn, currencies: &[Currency], until: NaiveDate) -> Result<Vec<EuroRate>, DbError> {
    sql(
        // One step into the index for each: the whole history may be stored, and a buyer who confirms waits for this.
        "SELECT r.currency, r.on_date, r.source, r.rate FROM unnest($1::text[]) c(currency), LATERAL (
             SELECT x.currency, x.on_date, x.source, x.rate FROM exchange_rates x
             WHERE x.currency = c.currency AND x.on_date <= $2 ORDER BY x.on_date DESC, x.created_at DESC LIMIT 1) r",
    )
    .bind(currencies)
    .bind(until)
    .rows(conn)
    .await
}

/// Writes rates; those of a day and source that are there are corrected.
pub(super) async fn write(tx: &Tx, rates: &[EuroRate]) -> Result<(), DbError> {
    let written = rates.iter().map(|rate| {
        sql(
            "INSERT INTO exchange_rates (currency, on_date, source, rate, created_at)
             VALUES ($1, $2, $3, $4, kassa_now($5))
             ON CONFLICT (currency, on_date, source) DO UPDATE SET rate = excluded.rate, created_at = excluded.created_at",
        )
        .bind(rate.currency)
        .bind(rate.on_date)
        .bind(rate.source)
        .bind(rate.rate)
        .bind(tx.offset_ms())
        .execute(tx.conn())
    });
    try_join_all(written).await.map(drop)
}
