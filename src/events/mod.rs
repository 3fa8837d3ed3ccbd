//! Events: facts, written in the transaction that made them true, and the feed that shows them.
//!
//! Guarantees: an event is committed with its fact or not at all; its payload is frozen then; its `sequence` is given after
//! commit by the fan-out, without gaps, so that orders of one checkout never queue for a number. Must not: deliver anything.

mod model;
mod number;
mod publish;
mod registry;
pub mod routes;
mod store;
mod views;

pub use model::{EventRow, NewEvent};
pub use number::number;
pub use publish::{publish, publish_each};
pub use registry::{EventType, ObjectType};
pub use store::find_by_ids;
pub use views::EventView;
