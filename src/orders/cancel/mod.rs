//! Orders that are deleted before they were paid: the number and the amounts stay, what says who the buyer was goes.

pub mod delete;
pub mod routes;
pub mod store;
pub mod views;
