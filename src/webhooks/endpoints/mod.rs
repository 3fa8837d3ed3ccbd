//! Endpoints: who receives events, with which secrets.

pub mod create;
pub mod delete;
pub mod model;
pub mod reseal;
pub mod rotate;
pub mod routes;
pub mod secrets;
pub mod store;
pub mod test_send;
pub mod update;
pub mod views;
