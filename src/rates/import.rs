//! Brings rates in.

use super::model::EuroRate;
use super::store;
use crate::db::error::DbError;
use crate::db::{Db, Tx};

/// Where the European Central Bank publishes its reference rates of the day, on working days about 16:00 CET.
pub const ECB_DAILY: &str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml";

/// Rates of one statement each: a file of the whole history is written in parts, so that no transaction is long.
const PART: usize = 500;

/// Stores rates, telling after each part how many are stored. The same file again changes nothing but the time of the import.
pub async fn import(db: &Db, rates: &[EuroRate], tell: impl Fn(usize)) -> Result<(), DbError> {
    let mut stored = 0;
    for part in rates.chunks(PART) {
        db.write(async |tx: &mut Tx| -> Result<(), DbError> { store::write(tx, part).await })
            .await?;
        stored += part.len();
        tell(stored);
    }
    Ok(())
}
