//! From the basket to the money: the order is made, paid for, paid for in another way, or taken back to the basket.

pub mod attempt;
pub mod confirm;
pub mod freeze;
pub mod ready;
pub mod resume;
pub mod return_urls;
pub mod routes;
pub mod show;
pub mod test_payment;
pub mod views;
