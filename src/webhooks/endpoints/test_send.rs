//! Sends a test to an endpoint, and tells what came of it.

use std::time::Duration;

use super::store;
use super::views::{EndpointView, TestEventView, TestObject, TestView};
use crate::db::Db;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, EventId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;
use crate::webhooks::sending::{Signed, send};

/// How long it waits for the answer: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends at once, also to an endpoint that is disabled. Nothing of it is in the log, and it changes nothing.
pub async fn test_send(
    db: &Db,
    client: &GuardedClient,
    keys: &Keyring,
    checkout: CheckoutId,
    id: WebhookEndpointId,
) -> Result<TestView, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let (endpoint, secrets) = {
        let conn = db.read().await?;
        futures_util::try_join!(
            store::find(&conn, checkout, id),
            store::secrets(&conn, db.clock().offset_ms(), checkout, id)
        )?
    };
    let endpoint = endpoint.ok_or_else(not_found)?;
    let secrets = secrets.ok_or_else(not_found)?;
    let (event, now) = (EventId::generate(db.clock()), db.clock().now());
    let url = endpoint.url.clone();
    let body = TestEventView {
        id: event,
        event_type: "webhook_endpoint.test",
        occurred_at: rfc3339(&now),
        api_version: "v1",
        test_mode: endpoint.test_mode,
        checkout_id: checkout,
        object: TestObject {
            object_type: "webhook_endpoint",
            id,
        },
        data: EndpointView::from(endpoint),
    };
    let signed = Signed {
        checkout,
        endpoint: id,
        url: &url,
        secret: &secrets.secret_sealed,
        previous: secrets.previous_secret_sealed.as_deref(),
        id: &event.to_string(),
        body: &serde_json::to_vec(&body).map_err(Problem::internal)?,
        at: now.timestamp(),
        patience: Some(PATIENCE),
    };
    let outcome = send(client, keys, &signed).await;
    Ok(TestView {
        event_id: event,
        delivered: outcome.error.is_none(),
        status: outcome.status,
        error: outcome.error,
        answer: outcome.answer.map(|answer| answer.text()),
        duration_ms: outcome.duration_ms,
    })
}
