//! Deliveries as staff see them, and what they want delivered again.

pub mod model;
pub mod replay;
mod retry;
pub mod routes;
pub mod store;
pub mod views;
