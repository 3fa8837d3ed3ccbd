//! How long deliveries are kept: 30 days after they ended, and no longer than their endpoint.
//!
//! Guarantees: the log of events is never touched, so what was swept can be delivered again by a replay; what is pending at an endpoint
//! that is not deleted stays, however old; batches are small, each a transaction of its own.

mod model;
mod store;
mod sweep;

pub use sweep::sweep;
