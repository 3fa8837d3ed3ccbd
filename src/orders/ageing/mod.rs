//! What time does to orders that nobody pays: their buyers are reminded once, then they are deleted.

pub mod expire;
mod mail;
pub mod remind;
pub mod store;
