//! A signed request to a system of the merchant's, with the order as the API shows it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::call::{Peer, unreadable};
use crate::actions::action::{Failure, Input, Task, World};
use crate::kernel::problem::Problem;
use crate::net::client::GuardedClient;

/// The configuration of a `webhook` action: each run posts `{"type": "action.run", "id", "order_line_id"?, "order"}` to the address,
/// signed by Standard Webhooks with the action's secret. `id`, the header `webhook-id` and the header `Idempotency-Key` are the run,
/// and the same at every attempt; `order` is the order as the API shows it then. Answers of 2xx end the run; 408, 409, 425, 429 and
/// 5xx are tried again; all others, 410 and redirects too, fail it.
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
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<(), Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let peer = Peer {
        name: "The receiver",
        client: world.client,
        key: &task.input.run,
        login: None,
    };
    let reply = peer
        .post_signed(&config.url, &body(task.input), task.secrets, world)
        .await?;
    peer.accept(reply).map(drop)
}

fn body(input: &Input) -> Value {
    let mut body = json!({"type": "action.run", "id": input.run, "order": *input.document});
    if let Some(line) = input.line.and_then(|line| input.lines.get(line)) {
        body["order_line_id"] = line.id.as_str().into();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::kinds::example;

    #[test]
    fn the_body_names_the_line_at_product_level() {
        let mut input = example::input();
        input.line = None;
        assert_eq!(
            body(&input),
            json!({"type": "action.run", "id": "act_1", "order": {"id": "ord_1"}})
        );
        input.line = Some(0);
        assert_eq!(body(&input)["order_line_id"], "lin_1");
    }
}
