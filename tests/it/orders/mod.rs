//! Orders: the way back to them, what their buyers agreed to, and how they end.

mod access;
pub mod ageing;
mod attention;
mod cancel;
mod consents;
mod late_money;
mod lists;
mod pairs;
mod plans;
mod refusals;
pub mod scene;
mod short_lists;
