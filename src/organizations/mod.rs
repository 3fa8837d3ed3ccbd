//! Organizations: tenants, their people, and the log of what those people did.
//!
//! Must not: know checkouts beyond their ids; a checkout knows its organization, not the other way round.

pub mod audit_log;
pub mod create;
pub mod delete;
pub mod invitations;
pub mod members;
pub mod model;
pub mod policies;
pub mod routes;
pub mod store;
pub mod update;
pub mod views;
