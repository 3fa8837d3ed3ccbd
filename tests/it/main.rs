//! The integration tests: one binary, because every further file in `tests/` would be another executable to link.
//!
//! They talk to a real PostgreSQL, each test to a database of its own, cloned from a migrated template.

mod support;

mod contract;
mod db;
mod net;
mod path;
