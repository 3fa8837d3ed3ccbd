//! Actions of an order, run again by staff.

pub mod again;
pub mod routes;
pub mod views;
