//! Takes a request to deliver events again.

use super::views::{ReplayInput, ReplayView};
use crate::db::Tx;
use crate::db::wake::Channel;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, ReplayId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::webhooks::endpoints;
use crate::webhooks::queues::model::Replay;
use crate::webhooks::queues::replay::{Scope, count, insert, last_read, same_open};
use crate::webhooks::queues::store::lock;

/// Keeps the request for the worker and says how many deliveries it is. The same request, while it is not done, is the same replay.
pub async fn replay(
    tx: &mut Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    input: ReplayInput,
) -> Result<ReplayView, Problem> {
    lock(tx, checkout, endpoint).await?;
    endpoints::store::find(tx.conn(), checkout, endpoint)
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let asked = asked(&input);
    if let Some(same) = same_open(tx, checkout, endpoint, &asked).await? {
        return Ok(ReplayView { queued: same.queued });
    }
    let scope = Scope {
        after: input.from_sequence.unwrap_or(1) - 1,
        until: last_read(tx, checkout, endpoint).await?,
        since: input.since.map(|moment| moment.0),
        before: input.until.map(|moment| moment.0),
        types: input.types,
        only_failed: input.only_failed,
    };
    let queued = count(tx.conn(), checkout, endpoint, &scope).await?;
    if queued > 0 {
        let id = ReplayId::generate(tx.clock());
        let replay = Replay {
            checkout_id: checkout,
            id,
            endpoint_id: endpoint,
            after_sequence: scope.after,
            until_sequence: scope.until,
            since: scope.since,
            until: scope.before,
            types: scope.types,
            only_failed: scope.only_failed,
            asked,
            queued,
        };
        insert(tx, id, &replay).await?;
        tx.wake(Channel::Events);
    }
    Ok(ReplayView { queued })
}

fn asked(input: &ReplayInput) -> serde_json::Value {
    let mut types = input.types.clone();
    types.sort();
    types.dedup();
    serde_json::json!({
        "since": input.since.map(|moment| rfc3339(&moment.0)),
        "until": input.until.map(|moment| rfc3339(&moment.0)),
        "from_sequence": input.from_sequence,
        "types": types,
        "only_failed": input.only_failed,
    })
}
