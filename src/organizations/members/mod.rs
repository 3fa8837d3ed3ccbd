//! The people of an organization, and the rules on owners.

pub mod change_role;
pub mod model;
pub mod remove;
pub mod routes;
pub mod store;
pub mod views;
