//! What is in a session's basket: lines of the offer, of other links, and of add-ons.

pub mod add_on;
pub mod change;
pub mod line;
pub mod link;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
