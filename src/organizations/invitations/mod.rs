//! Invitations by mail: one person each, once, for a while.

pub mod accept;
pub mod invite;
pub mod model;
pub mod routes;
pub mod store;
pub mod token;
pub mod views;
pub mod withdraw;
