//! The ledger of refunds: rows that are only added and moved along, never erased.

pub mod model;
pub mod store;
pub mod tell;
pub mod views;
