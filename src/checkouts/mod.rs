//! Checkouts: self-contained storefronts of an organization.

pub mod create;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
