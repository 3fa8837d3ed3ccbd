//! What an order or a preview says of its worth in the reporting currency.

use chrono::NaiveDate;

use super::convert::{Usd, in_usd};
use super::lookup::{CrossRate, cross_rate};
use crate::db::Conn;
use crate::db::error::DbError;
use crate::kernel::money::Currency;

/// The reporting currency.
const REPORTING: &str = "USD";

fn reporting() -> Result<Currency, DbError> {
    REPORTING
        .parse()
        .map_err(|error| DbError::Defect(format!("{REPORTING}: {error}")))
}

/// The rate from a currency to the reporting one; none when no rate of it is known.
pub async fn rate(conn: &Conn, currency: Currency, today: NaiveDate) -> Result<Option<CrossRate>, DbError> {
    cross_rate(conn, currency, reporting()?, today).await
}

/// `[subtotal, discount_total, tax]` in the reporting currency, and the total that follows from them; none without a rate, or where
/// it is more than an amount can be.
pub fn amounts(parts: [i64; 3], currency: Currency, rate: Option<&CrossRate>, prices_include_tax: bool) -> Option<Usd> {
    in_usd(parts, currency, reporting().ok()?, rate?.rate, prices_include_tax).ok()
}
