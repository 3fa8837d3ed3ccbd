//! Mailchimp: the buyer becomes a contact with tags.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::action::{Failure, Outcome, Task, World};

/// How the buyer is added to Mailchimp.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = MailchimpConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The tags that the contact gets.
    #[validate(length(min = 1, max = 20, message = "must be 1 to 20 tags"))]
    #[schema(min_items = 1, max_items = 20, example = json!(["customer"]))]
    pub tags: Vec<String>,
}

/// Adds the buyer, with the tags.
pub async fn run(_task: Task<'_>, _world: &World<'_>) -> Result<Outcome, Failure> {
    Err(Failure::Fatal("not there yet".to_owned()))
}

/// Takes the tags away.
pub async fn revoke(_task: Task<'_>, _left: Option<&Value>, _world: &World<'_>) -> Result<(), Failure> {
    Err(Failure::Fatal("not there yet".to_owned()))
}
