//! Forgetting people: takes what says who somebody is out of everything that is kept beside the order itself.
//!
//! Guarantees: after [`orders::forget`] no event, delivery, stored answer, queued mail, run, job or check of a VAT number says who the
//! buyer of the orders was; ids, numbers and amounts stay. The log of changes is not touched: it never holds more than keyed hashes.
//! Must not: decide who is to be forgotten.

pub mod fields;
pub mod orders;
mod store;
