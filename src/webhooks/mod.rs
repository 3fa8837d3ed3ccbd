//! Webhooks: endpoints that receive events, and the deliveries to them.
//!
//! Guarantees: at least once; the same bytes at every attempt, signed anew with the time of the attempt; in order per endpoint
//! and object, but for events that were tried for fifteen minutes, which are marked `overtaken`. An object whose events fail holds up
//! its own later ones only; an endpoint that hangs holds up nobody else's. Must not: know what an event means.
//!
//! | room | holds |
//! |---|---|
//! | [`endpoints`] | who receives, with which secrets |
//! | [`queues`] | the log, read for each endpoint: what is to be delivered, in which order |
//! | [`sending`] | claiming what is due, sending it, recording the attempts, switching off what is gone or fails for days |
//! | [`deliveries`] | what staff see of it, and what they have delivered again |
//! | [`retention`] | forgetting deliveries that ended long ago, and those to deleted endpoints |

pub mod deliveries;
pub mod endpoints;
pub mod queues;
pub mod retention;
pub mod sending;
