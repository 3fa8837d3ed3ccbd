//! Pricing against slow references written independently, and against what others keep.

mod amounts;
pub mod exact;
mod quote;
pub mod rates;
mod refund;
mod tax;
mod vat_numbers;
mod vat_rates;
