//! Checkout links: shareable ways to exactly one offer.
//!
//! A permanent link is reached by its slug; what its address carries (variant, quantity, currency, tags) is the buyer's. A custom link
//! is reached by a signed address only, and its merchant's values win over everything the address carries. Guarantees: a limit of orders
//! is never passed, whatever comes at once; an address that was changed opens nothing. What a link fixes, what is left to choose and what
//! that costs is said in one place, [`deal`].

pub mod archive;
pub mod basket;
pub mod check;
pub mod codes;
pub mod create;
pub mod custom;
pub mod deal;
pub mod limit;
pub mod model;
pub mod options;
pub mod preview;
pub mod routes;
pub mod signed;
pub mod store;
pub mod storefront;
pub mod update;
pub mod views;
