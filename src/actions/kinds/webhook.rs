//! A signed request to a system of the merchant's, with the order as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::action::{Failure, Task, World};
use crate::kernel::problem::Problem;
use crate::net::client::GuardedClient;

/// Where the merchant is told.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = WebhookActionConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address that is posted to.
    #[validate(length(min = 10, max = 2000, message = "must have 10 to 2000 characters"))]
    #[schema(min_length = 10, max_length = 2000, example = "https://merchant.example.com/sold")]
    pub url: String,
}

/// Refuses an address that may not be called.
pub fn refuse(config: &Config, client: &GuardedClient) -> Result<(), Problem> {
    client
        .check_url(&config.url)
        .map_err(|error| Problem::invalid("/config/url", error.code(), error.to_string()))
}

/// Sends the request.
pub async fn run(_task: Task<'_>, _world: &World<'_>) -> Result<(), Failure> {
    Err(Failure::Fatal("not there yet".to_owned()))
}
