//! What staff and refunds change of an order.

pub mod store;
