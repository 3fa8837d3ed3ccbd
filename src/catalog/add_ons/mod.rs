//! Add-ons: extra sales that offers carry, an extra line or an upgrade of a product.

pub mod change;
pub mod create;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
