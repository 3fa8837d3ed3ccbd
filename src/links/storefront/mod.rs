//! The face a link shows to buyers.

pub mod open;
pub mod routes;
pub mod show;
pub mod views;
