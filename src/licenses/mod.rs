//! Licenses: what was issued to buyers, and the pools of keys that some are taken from.
//!
//! Guarantees: a key is given to one line, ever; an empty pool loses nobody: who takes and who refills meet at the pool's row. Must not:
//! know orders beyond their ids.

pub mod keys;
pub mod model;
pub mod store;
pub mod tell;
pub mod views;
