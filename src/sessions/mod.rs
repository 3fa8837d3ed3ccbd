//! Sessions: the buyer's side of a sale, from the link to the order.
//!
//! Guarantees: the quote on every read is computed from the prices as they stand; a session becomes at most one order, whatever
//! comes at once; what was confirmed is what the buyer saw, or the answer is the new quote and nothing happened.

pub mod access;
pub mod basket;
pub mod discount;
pub mod expire;
pub mod messages;
pub mod model;
pub mod open;
pub mod payment;
mod precondition;
pub mod quote;
pub mod read;
pub mod routes;
pub mod show;
pub mod store;
pub mod update;
pub mod views;
