//! Whether an organization may sell: billing details, a payment card, and no suspension.
//!
//! Guarantees: the status follows from these in the transaction that changes them; every checkout that closes or opens by it
//! says so with an event. Test mode needs none of it. Must not: touch payments that have begun.

pub mod billing;
pub mod card;
pub mod detach;
pub mod model;
pub mod routes;
pub mod settle;
pub mod store;
pub mod stripe_card;
pub mod suspend;
pub mod views;
