//! Lines of orders as the API shows them, to staff and to buyers.

pub mod store;
pub mod views;
