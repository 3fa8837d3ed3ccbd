//! Queues: each endpoint reads the log of its checkout by a cursor of its own.
//!
//! Guarantees: every event that an active endpoint listens to becomes a delivery, in the order of the log; while an endpoint is
//! disabled its cursor stands still, so nothing is lost and catching up is reading on. Whoever adds to the deliveries of an endpoint,
//! claims them or ends them locks its row in `webhook_queues` first, several rows in the order of their keys: so the marks `blocked`
//! and `overtaken` and the counts are exact. Of the pending deliveries of one object to one endpoint only the first is not blocked,
//! overtaken ones apart.

pub mod feed;
pub mod model;
pub mod replay;
pub mod store;
