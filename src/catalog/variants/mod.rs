//! Variants: the forms a product comes in. A product has at least one in use.

pub mod add;
pub mod change;
pub mod model;
pub mod routes;
pub mod store;
pub mod views;
