//! What a checkout's page looks like and what it asks buyers; the face it shows to everybody.

pub mod form;
pub mod put;
pub mod routes;
pub mod store;
pub mod style;
pub mod views;
