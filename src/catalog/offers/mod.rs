//! Offers: sales packages of products, with names, texts and prices of their own.

pub mod archive;
pub mod create;
pub mod items;
pub mod model;
pub mod read;
pub mod routes;
pub mod sellable;
pub mod store;
pub mod update;
pub mod views;
