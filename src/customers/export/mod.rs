//! All that is known of one customer, as one document that is made while it is read.

pub mod model;
pub mod routes;
pub mod store;
pub mod stream;
pub mod views;
