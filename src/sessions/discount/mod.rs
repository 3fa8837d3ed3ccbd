//! The code of a session: applied, kept through changes, given back.

pub mod apply;
pub mod guesses;
pub mod heartbeat;
pub mod keep;
pub mod remove;
pub mod routes;
pub mod views;
