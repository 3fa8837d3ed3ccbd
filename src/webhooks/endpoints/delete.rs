//! Deletes an endpoint.

use super::store;
use super::views::EndpointView;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::webhooks::queues::store::{lock, pause};

/// Puts an endpoint away, provided it is still what `if_match` names; returns it as it was. What was not delivered to it stays
/// undelivered, and is forgotten by the worker; the events stay in the log.
pub async fn delete(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: WebhookEndpointId,
    if_match: Option<&str>,
) -> Result<EndpointView, Problem> {
    lock(tx, checkout, id).await?;
    let found = store::lock(tx, checkout, id).await?;
    let before = EndpointView::from(found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?);
    check_precondition(if_match, &before)?;
    store::delete(tx, checkout, id).await?;
    pause(tx, checkout, id).await?;
    Ok(before)
}
