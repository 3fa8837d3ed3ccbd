//! Orders: the way back to them, what their buyers agreed to, and how they end.

mod access;
pub mod ageing;
mod attention;
mod cancel;
mod consents;
mod late_money;
pub mod letters;
mod lists;
mod marked;
mod pairs;
mod plans;
mod rates;
mod refusals;
pub mod scene;
mod short_lists;
mod transfers;
