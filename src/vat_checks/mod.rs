//! Buyers' VAT numbers: what VIES says of them, asked in the background and never while a buyer waits.
//!
//! Guarantees: a number is asked about once however many sessions have it, again when nobody answered (soon, then every quarter of
//! an hour for half a day), and again when the answer is thirty days old; what is not known by then is `unverified`, and the
//! organization's `unverified_vat` decides. No answer changes an order: what was known is frozen on it.

pub mod ask;
pub mod model;
pub mod store;
pub mod want;
