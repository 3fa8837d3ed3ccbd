//! Stateless quotes: what a basket would cost, by the same arithmetic as a session, with no session and no hold.

pub mod basket;
pub mod preview;
pub mod price;
pub mod quote;
pub mod routes;
pub mod views;
