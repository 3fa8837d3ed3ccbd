//! The integration tests: one binary, because every further file in `tests/` would be another executable to link.
//!
//! They talk to a real PostgreSQL, each test to a database of its own, cloned from a migrated template.

#![allow(
    clippy::disallowed_methods,
    reason = "the one homes of these are the product's; tests stand outside of it"
)]

mod support;

mod actions;
mod catalog;
mod contract;
mod customers;
mod db;
mod discounts;
mod edge;
mod links;
mod net;
mod orders;
mod path;
mod people;
mod pricing;
mod providers;
mod refunds;
mod reports;
mod sessions;
mod vat_checks;
mod webhooks;
