//! How a checkout is paid: its accounts at payment providers.
//!
//! Guarantees: secrets are sealed at rest, are never shown again, and move to the newest key by themselves. Must not: call a
//! provider.

pub mod model;
pub mod put;
pub mod reseal;
pub mod routes;
pub mod seal;
pub mod store;
pub mod views;
