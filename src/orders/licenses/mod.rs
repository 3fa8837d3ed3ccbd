//! Licenses of orders: issued, delivered by hand, sent again, taken back.

pub mod deliver;
pub mod issue;
pub mod resend;
pub mod revoke;
pub mod routes;
pub mod views;
