//! Products: what is delivered. Never sold alone, only through an offer.

pub mod archive;
pub mod benefits;
pub mod create;
pub mod license;
pub mod model;
pub mod routes;
pub mod store;
pub mod update;
pub mod vat;
pub mod views;
