//! Webhooks: endpoints that receive events, and the deliveries to them.
//!
//! Guarantees: at least once; the same bytes at every attempt, signed anew with the time of the attempt; in order per endpoint
//! and object. An object whose events fail holds up its own later ones only; an endpoint that hangs holds up the batch it is in, for
//! one timeout at the most. Must not: know what an event means.

pub mod create;
pub mod deliver;
pub mod fan_out;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
