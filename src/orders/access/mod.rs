//! The way back to an order by mail: a token for one order, which ends, can be revoked, and is stored as its hash only.
//!
//! Guarantees: a forged token costs no query; who asks for a way back learns nothing of whether there is such an order, neither
//! by the answer nor by the work it takes, because a worker looks for the order later.

pub mod ask;
pub mod give;
pub(in crate::orders) mod mail;
pub mod model;
pub mod routes;
pub mod store;
pub mod token;
pub mod views;
