//! What happened to an order, in one list: facts, attempts to pay, actions, mails, and what staff did.

pub mod model;
pub mod routes;
mod store;
pub mod views;
