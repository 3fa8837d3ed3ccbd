//! Customers: found, exported and forgotten.

mod erasing;
mod exporting;
mod links;
mod listing;
mod plans;
mod races;
mod unsettled;
