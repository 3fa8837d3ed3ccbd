//! The catalogue: products with variants, offers and add-ons that sell them, and prices on every level with their history.

pub mod add_ons;
pub mod listing;
pub mod offers;
pub mod prices;
pub mod products;
pub mod texts;
pub mod variants;
