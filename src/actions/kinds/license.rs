//! How a product is licensed, as the configuration of an action. Who gets which key is the business of the rooms of licenses and orders.

pub use crate::catalog::products::license::LicenseSettings as Config;
use crate::kernel::problem::Problem;
use crate::net::client::GuardedClient;

/// Refuses an address that may not be called.
pub fn refuse(config: &Config, client: &GuardedClient) -> Result<(), Problem> {
    let Some(url) = &config.url else { return Ok(()) };
    client
        .check_url(url)
        .map_err(|error| Problem::invalid("/config/url", error.code(), error.to_string()))
}
