//! The order as its buyer may see it.

pub mod views;
