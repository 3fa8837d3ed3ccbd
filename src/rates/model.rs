//! Rows of rates.

use chrono::NaiveDate;
use diesel::QueryableByName;
use rust_decimal::Decimal;

use crate::db::schema::exchange_rates;
use crate::kernel::money::Currency;
use crate::word_enum;

word_enum! {
    /// Where a rate came from.
    pub enum RateSource in "exchange_rates.source" {
        /// The reference rates of the European Central Bank.
        Ecb = "ecb",
        /// A file of the operator's own.
        Import = "import",
    }
}

/// What one euro is worth in a currency on a day.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
#[diesel(table_name = exchange_rates)]
pub struct EuroRate {
    /// The currency.
    pub currency: Currency,
    /// The day.
    pub on_date: NaiveDate,
    /// Who says so.
    pub source: RateSource,
    /// Units of the currency for one euro.
    pub rate: Decimal,
}
