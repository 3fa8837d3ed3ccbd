//! Post-purchase actions: what is done once an order is paid.
//!
//! An order freezes the configuration of its actions when it is confirmed; credentials are read when an action runs and are
//! never frozen. Must not: know orders beyond what [`action::Input`] carries.

pub mod action;
pub mod configured;
pub mod integrations;
pub mod kinds;
pub mod model;
pub mod store;
pub mod views;
