//! Kajabi: the buyer is given an offer there, by the address that Kajabi makes for it.
//!
//! The token in the path of such an address is its only secret: it is sealed, and nothing of it is shown or logged but its host.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::action::{Failure, Outcome, Task, World};
use crate::kernel::problem::Problem;
use crate::net::client::GuardedClient;

/// The members that are sealed.
pub const SEALED: &[&str] = &["activation_url", "deactivation_url"];
/// What is shown in their place.
pub const HINTS: &[&str] = &["host", "can_deactivate"];

/// How an offer is given.
#[derive(Clone, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = KajabiGrantConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The offer's activation address. Never shown again.
    #[validate(length(min = 10, max = 2000, message = "must have 10 to 2000 characters"))]
    #[schema(
        min_length = 10,
        max_length = 2000,
        example = "https://checkout.kajabi.com/webhooks/offers/x/1/activate"
    )]
    pub activation_url: String,
    /// Its deactivation address: without it access cannot be taken away. Never shown again.
    #[validate(length(min = 10, max = 2000, message = "must have 10 to 2000 characters"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        required = false,
        min_length = 10,
        max_length = 2000,
        example = "https://checkout.kajabi.com/webhooks/offers/x/1/deactivate"
    )]
    pub deactivation_url: Option<String>,
    /// Whether Kajabi sends its own mail.
    #[serde(default)]
    #[schema(default = false, example = true)]
    pub send_grant_email: bool,
    /// Whether Kajabi learns only the first letter of the last name.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub hide_last_name: bool,
}

/// Refuses addresses that are not Kajabi's.
pub fn refuse(_config: &Config, _client: &GuardedClient, _development: bool) -> Result<(), Problem> {
    Ok(())
}

/// Says what the sealed addresses are known by.
pub fn hint(_secrets: &Map<String, Value>, _shown: &mut Map<String, Value>) {}

/// Gives the offer.
pub async fn run(_task: Task<'_>, _world: &World<'_>) -> Result<Outcome, Failure> {
    Err(Failure::Fatal("not there yet".to_owned()))
}

/// Takes the offer away.
pub async fn revoke(_task: Task<'_>, _left: Option<&Value>, _world: &World<'_>) -> Result<(), Failure> {
    Err(Failure::Fatal("not there yet".to_owned()))
}
