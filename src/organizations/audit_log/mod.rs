//! Reading the audit log; `db::audit` writes it.

pub mod model;
pub mod routes;
pub mod store;
pub mod views;
