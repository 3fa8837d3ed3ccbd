//! API keys: of an organization or of one checkout, with roles no higher than their maker's, shown once.

pub mod create;
pub mod exchange;
pub mod model;
pub mod revoke;
pub mod routes;
pub mod store;
pub mod token;
pub mod views;
