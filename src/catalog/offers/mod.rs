//! Offers: sales packages of products, with names and texts of their own.

pub mod create;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
