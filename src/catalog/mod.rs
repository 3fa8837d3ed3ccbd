//! The catalogue: products with variants and prices, and the offers that sell them.

pub mod offers;
pub mod products;
