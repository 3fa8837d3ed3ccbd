//! A mail of the merchant's own words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::action::{Failure, Task, World};
use crate::kernel::problem::Problem;

/// What the mail says.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = EmailConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// About what.
    #[validate(length(min = 1, max = 255, message = "must have 1 to 255 characters"))]
    #[schema(min_length = 1, max_length = 255, example = "Welcome, {{ first_name }}")]
    pub subject: String,
    /// Plain text.
    #[validate(length(min = 1, max = 20_000, message = "must have 1 to 20000 characters"))]
    #[schema(min_length = 1, max_length = 20_000, example = "Thank you for order {{ number }}.")]
    pub text: String,
}

/// Refuses templates that cannot be read.
pub fn refuse(_config: &Config) -> Result<(), Problem> {
    Ok(())
}

/// Renders and sends the mail.
pub async fn run(_task: Task<'_>, _world: &World<'_>) -> Result<(), Failure> {
    Err(Failure::Fatal("not there yet".to_owned()))
}
