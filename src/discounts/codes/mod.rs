//! The codes: what they are worth, for what, for whom, and how often.

pub mod archive;
pub mod bulk;
pub mod create;
pub mod model;
pub mod routes;
pub mod store;
pub mod terms;
pub mod update;
pub mod views;
