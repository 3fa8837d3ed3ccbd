//! Checkout links: shareable ways to exactly one offer.

pub mod create;
pub mod model;
pub mod public;
pub mod routes;
pub mod store;
pub mod update;
pub mod views;
