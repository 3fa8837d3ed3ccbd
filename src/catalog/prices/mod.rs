//! Prices on every level of the catalogue, and their history.
//!
//! Guarantees: a price and the row of history that says so are written by one statement; history is only ever added to; the lowest
//! price of the 30 days before a discount is found when the discount begins and does not change while it lasts.

pub mod lowest;
pub mod model;
pub mod replace;
pub mod resolve;
pub mod store;
pub mod views;
