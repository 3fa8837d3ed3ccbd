//! What decides on a code for a buyer: one row, without what only its merchant reads.

pub mod store;
