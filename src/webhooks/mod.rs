//! Webhooks: endpoints that receive events, and the deliveries to them.
//!
//! Guarantees: at least once; the same bytes at every attempt, signed anew with the time of the attempt; in order per endpoint
//! and object, without one failing object or endpoint holding up others. Must not: know what an event means.

pub mod create;
pub mod deliver;
pub mod fan_out;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
