//! Actions as a checkout has them: made, changed, put away.
//!
//! Guarantees: what may not be read of a configuration is sealed at rest and never frozen on an order.

pub mod change;
pub mod config;
pub mod create;
pub mod reseal;
pub mod routes;
pub mod seal;
pub mod store;
pub mod views;
