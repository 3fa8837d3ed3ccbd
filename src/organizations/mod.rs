//! Organizations: tenants and their people.
//!
//! Must not: know checkouts; a checkout knows its organization, not the other way round.

pub mod create;
pub mod model;
pub mod store;
