//! What orders were before they were confirmed again.

pub mod store;
