//! Customers: who has bought in a checkout, all that is known of one of them, and forgetting them.
//!
//! Guarantees: a customer is one address in one mode; forgetting one leaves what book-keeping needs and nothing that says who they were,
//! and is refused while money of theirs is on its way. Must not: make customers; orders do.

pub mod erase;
pub mod export;
pub mod filter;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
