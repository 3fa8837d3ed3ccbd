//! Uses of codes: held, redeemed, released, lapsed.

pub mod held;
pub mod lapse;
pub mod model;
pub mod redeem;
pub mod release;
pub mod renew;
pub mod routes;
pub mod store;
pub mod take;
pub mod views;
