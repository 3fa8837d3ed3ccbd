//! Kassa: a headless checkout.

#![forbid(unsafe_code)]

#[macro_use]
pub mod kernel;
pub mod db;
pub mod http;
pub mod net;
pub mod events;
pub mod pricing;
pub mod accounts;
pub mod organizations;
