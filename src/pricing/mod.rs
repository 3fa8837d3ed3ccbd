//! Pricing: basket in, lines and totals out. Pure: no clock, no database, no settings but those handed in.
//!
//! Guarantees, for every basket (property tests hold them): the sum of the lines is the totals; with inclusive prices
//! `total = subtotal − discount`, with exclusive ones `total = subtotal − discount + tax`; the tax of the order is the sum of the
//! taxes of its lines, grouped by rate, and never computed from a total.

mod quote;
pub mod tax;

pub use quote::{BasketLine, LineQuote, Quote, TaxGroup, breakdown, quote};
