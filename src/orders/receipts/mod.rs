//! Numbers of receipts: in each checkout, mode and year from 1 on, without gaps.
//!
//! They are given by the worker after the payment has committed, as events get theirs, so that orders being paid do not wait for each
//! other.

pub mod number;
mod store;
