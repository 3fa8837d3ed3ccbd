//! One file per provider: its wire format, and nothing else of the product.

pub mod free;
pub mod test;
