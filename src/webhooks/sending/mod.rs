//! Sending: claims what is due, makes the requests, records how they ended.
//!
//! Guarantees: nothing is sent without a lease that lapses by itself, and a result counts only if its lease still holds; an endpoint
//! has a bounded number of deliveries under way at once, over all workers, and fewer while it fails; endpoints take turns. An endpoint
//! that answers 410, or has failed for five days, is switched off and its owners are told.

mod attempt;
pub mod deliver;
pub mod model;
pub mod pump;
mod record;
mod schedule;
mod store;
mod switch_off;

pub use attempt::{Signed, send};
pub use deliver::deliver_due;
