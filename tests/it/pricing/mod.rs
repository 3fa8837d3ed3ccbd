//! Pricing against slow references written independently, and against what others keep.

mod quote;
mod refund;
