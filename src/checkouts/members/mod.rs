//! Who works in a checkout: people given a role in it, and the owners and admins of its organization.

pub mod add;
pub mod change_role;
pub mod model;
pub mod remove;
pub mod routes;
pub mod store;
pub mod views;
