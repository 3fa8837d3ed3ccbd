//! Accounts at the services that actions work with.
//!
//! Guarantees: an API key is sealed at rest, never shown again, never frozen on an order, and moves to the newest key by itself.

pub mod model;
pub mod put;
pub mod reseal;
pub mod routes;
pub mod seal;
pub mod store;
pub mod views;
