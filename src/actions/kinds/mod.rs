//! One file per kind of action: its configuration and its run, and nothing else of the product.

pub mod active_campaign;
mod call;
pub mod email;
#[cfg(test)]
mod example;
pub mod kajabi;
pub mod license;
pub mod license_email;
pub mod license_service;
mod mail;
pub mod mailchimp;
mod paths;
pub mod receipt_email;
pub mod systeme_io;
mod tags;
pub mod webhook;
