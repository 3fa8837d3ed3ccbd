//! Checkouts: self-contained storefronts of an organization, and who works in them.

pub mod create;
pub mod delete;
pub mod members;
pub mod model;
pub mod origins;
pub mod page;
pub mod routes;
mod rules;
pub mod selling;
pub mod store;
pub mod update;
pub mod views;
