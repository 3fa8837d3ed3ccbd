//! Exchange rates: what an amount is worth in another currency, for reports and for the `*_usd` fields.
//!
//! Rates are stored data with a day and a source; nobody is asked while a buyer waits. `kassa import-rates` brings them in, from
//! the European Central Bank's daily file or from a CSV file of the operator. Without any, a table in the program answers, marked
//! as stale. What was used is snapshotted by whoever uses it: an import never changes an order.

mod built_in;
pub mod convert;
pub mod import;
pub mod lookup;
pub mod model;
pub mod parse;
pub mod reported;
mod store;

pub use convert::{Usd, convert, in_usd};
pub use lookup::{CrossRate, cross_rate};
