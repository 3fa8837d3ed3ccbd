//! Reports: what was sold and what went back, put together by day or by what it came of.
//!
//! Guarantees: a report is one statement, so its groups and its totals are of one moment; every number of it is a sum of what orders,
//! lines and refunds say, and groups add up to the totals. Must not: change anything.

pub mod asked;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
