//! Pricing: basket in, lines and totals out. Pure: no clock, no database, no settings but those handed in.
//!
//! Guarantees, for every basket (property tests hold them): the sum of the lines is the totals; with inclusive prices
//! `total = subtotal − discount`, with exclusive ones `total = subtotal − discount + tax`; the tax of the order is the sum of the
//! taxes of its lines, grouped by rate and reason, and never computed from a total; the shares of a discount add up to it.

mod discount;
mod quote;
mod refund;
pub mod tax;
mod vat;

pub use discount::{Discount, InvalidPercentage, Percentage, spread};
pub use quote::{Basket, BasketLine, LineQuote, Quote, TaxGroup, Taxed, breakdown, quote};
pub use refund::refund_tax;
