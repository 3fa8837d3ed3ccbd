//! Refunds: money goes back line by line, exactly, and never more than came.
//!
//! Guarantees: a refund's row exists before its provider is asked, and its id is the key of every call; that a provider is called is
//! committed before the call, so that what may have arrived is asked about, or told to a person, and never sent blindly again; what is
//! pending or unknown holds its amount; what went back and what is on its way never pass what was paid for a line, whatever runs at
//! once (order, lines, payment and refund are locked in that order, and the database checks the sums); a refund that fails late puts
//! the order's states back to what the sums say. Must not: erase a row, or ask a provider with a transaction open.

pub mod complete;
pub mod effect;
pub mod model;
pub mod request;
pub mod restore;
pub mod routes;
pub mod send;
pub mod settle;
pub mod store;
pub mod unallocated;
pub mod views;
