//! Lists of orders: every filter that staff have, each on an index of its own, and rows that need no second request.

pub mod filter;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
