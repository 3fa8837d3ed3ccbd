//! Payments: attempts, and the port to whoever takes the money.
//!
//! Guarantees: an attempt's row exists before its provider is called; its states form a lattice in which success always wins;
//! an event moves only the attempt it names. Must not: know orders beyond their id (`orders::settle` decides what money means).

pub mod close;
pub mod desk;
pub mod handover;
pub mod instructions;
pub mod methods;
pub mod model;
pub mod provider;
pub mod providers;
pub mod refunds;
pub mod routes;
pub mod setup;
pub mod start;
pub mod store;
pub mod views;
