//! Pools of license keys.

pub mod import;
pub mod model;
pub mod routes;
pub mod store;
pub mod take;
pub mod views;
