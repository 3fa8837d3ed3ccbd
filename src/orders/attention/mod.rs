//! What a person should look at: reasons are raised with what made them true, acknowledged by staff, or end by themselves.

pub mod acknowledge;
pub mod clock;
pub mod raise;
pub mod routes;
pub(in crate::orders) mod store;
pub mod views;
pub mod waiting;
