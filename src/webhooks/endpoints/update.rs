//! Changes an endpoint; switches it off and on.

use super::create::refuse_unfit;
use super::model::{DisabledReason, Endpoint};
use super::store;
use super::views::{EndpointPatch, EndpointView};
use crate::db::Tx;
use crate::db::wake::Channel;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::net::client::GuardedClient;
use crate::webhooks::queues::store::{lock, pause, resume};

/// Applies a merge patch, provided the endpoint is still what `if_match` names; returns it before and after.
///
/// While an endpoint is disabled nothing is sent to it, and the place up to which it has heard the log stays. Enabled again it hears
/// everything that happened since, in order.
pub async fn update(
    tx: &mut Tx,
    client: &GuardedClient,
    checkout: CheckoutId,
    id: WebhookEndpointId,
    if_match: Option<&str>,
    patch: EndpointPatch,
) -> Result<(EndpointView, EndpointView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    lock(tx, checkout, id).await?;
    let endpoint = store::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let before = EndpointView::from(endpoint.clone());
    check_precondition(if_match, &before)?;
    let was_active = endpoint.active;
    let changed = patched(endpoint, client, patch)?;
    store::update(tx, checkout, &changed).await?;
    match (was_active, changed.active) {
        (true, false) => pause(tx, checkout, id).await?,
        (false, true) => {
            resume(tx, checkout, id).await?;
            tx.wake(Channel::Events);
            tx.wake(Channel::Deliveries);
        }
        _ => {}
    }
    let after = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, after.into()))
}

fn patched(mut endpoint: Endpoint, client: &GuardedClient, patch: EndpointPatch) -> Result<Endpoint, Problem> {
    if let Some(url) = patch.url {
        refuse_unfit(client, &url)?;
        endpoint.url = url;
    }
    endpoint.description = patch.description.apply(endpoint.description);
    endpoint.events = patch.events.unwrap_or(endpoint.events);
    endpoint.test_mode = patch.test_mode.unwrap_or(endpoint.test_mode);
    if let Some(active) = patch.active.filter(|active| *active != endpoint.active) {
        endpoint.active = active;
        endpoint.disabled_reason = (!active).then_some(DisabledReason::ByStaff);
    }
    endpoint.metadata = patch.metadata.patched(endpoint.metadata)?;
    Ok(endpoint)
}
