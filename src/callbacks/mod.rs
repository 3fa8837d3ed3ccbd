//! What payment providers say of themselves: callbacks from their servers, and buyers who come back from their pages.
//!
//! Guarantees: news is believed only with its signature, over the bytes as they came, by the secret of the merchant it is for; each
//! piece counts once, however often and in whatever order it comes; what changes nothing is answered 200 all the same. Must not:
//! decide what money means (`orders::settle` does).

pub mod back;
pub mod receive;
pub mod routes;
pub mod store;
pub mod views;
