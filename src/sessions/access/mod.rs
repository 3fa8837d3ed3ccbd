//! The way back to a session: by the token of a mail about its order.

pub mod open;
pub mod routes;
pub mod views;
