//! Claims a batch of due deliveries, and sends one.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::try_join;

use super::attempt::{Signed, send};
use super::model::{Attempt, Claimed};
use super::record::record;
use super::schedule::{asked_pause, next_pause};
use super::store;
use crate::db::error::DbError;
use crate::db::{Conn, Db, Tx};
use crate::events::{self, EventView};
use crate::kernel::ids::{CheckoutId, EventId};
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;
use crate::webhooks::deliveries::model::DeliveryStatus;

/// The status that switches an endpoint off.
pub(super) const GONE: u16 = 410;

/// A claimed delivery and the bytes of its event.
pub(super) type Job = (Claimed, Arc<[u8]>);

/// Claims and sends a batch and waits for its end; returns how many were claimed. The worker's loops do not wait: see `pump`.
pub async fn deliver_due(db: &Db, client: &GuardedClient, keys: &Keyring) -> Result<usize, DbError> {
    let claimed = claim(db).await?;
    let count = claimed.len();
    let sends = claimed
        .into_iter()
        .map(|(delivery, body)| deliver(db, client, keys, delivery, body));
    let attempts = join_all(sends).await;
    record(db, keys, &attempts).await?;
    Ok(count)
}

/// Claims what is due: of up to eight endpoints that have waited longest, up to 32 deliveries each.
pub(super) async fn claim(db: &Db) -> Result<Vec<Job>, DbError> {
    let claimed = db
        .write(async |tx: &mut Tx| -> Result<Vec<Claimed>, DbError> {
            let queues = store::lock_due(tx).await?;
            if queues.is_empty() {
                return Ok(Vec::new());
            }
            // Statements of their own: they see all that was committed before the locks were there, and the second sees the first.
            let ((), claimed) = try_join!(store::overtake(tx, &queues), store::claim(tx, &queues))?;
            Ok(claimed)
        })
        .await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let conn = db.read().await?;
    let bodies = bodies(&conn, &claimed).await?;
    let body = |delivery: &Claimed| bodies.get(&(delivery.checkout_id, delivery.event_id)).cloned();
    Ok(claimed
        .into_iter()
        .filter_map(|delivery| body(&delivery).map(|body| (delivery, body)))
        .collect())
}

/// The bytes of each event: rendered once from the stored event, the same at every attempt.
async fn bodies(conn: &Conn, claimed: &[Claimed]) -> Result<HashMap<(CheckoutId, EventId), Arc<[u8]>>, DbError> {
    let mut by_checkout: HashMap<CheckoutId, Vec<EventId>> = HashMap::new();
    for delivery in claimed {
        by_checkout
            .entry(delivery.checkout_id)
            .or_default()
            .push(delivery.event_id);
    }
    let mut bodies = HashMap::new();
    for (checkout, ids) in by_checkout {
        for row in events::find_by_ids(conn, checkout, ids).await? {
            let id = row.id;
            let body = serde_json::to_vec(&EventView::of(checkout, row))
                .map_err(|error| DbError::Defect(error.to_string()))?;
            bodies.insert((checkout, id), body.into());
        }
    }
    Ok(bodies)
}

/// Sends a delivery and says what becomes of it.
pub(super) async fn deliver(
    db: &Db,
    client: &GuardedClient,
    keys: &Keyring,
    delivery: Claimed,
    body: Arc<[u8]>,
) -> Attempt {
    let signed = Signed {
        checkout: delivery.checkout_id,
        endpoint: delivery.endpoint_id,
        url: &delivery.url,
        secret: &delivery.secret_sealed,
        previous: delivery.previous_secret_sealed.as_deref(),
        id: &delivery.event_id.to_string(),
        body: &body,
        at: db.clock().now().timestamp(),
        patience: None,
    };
    let outcome = send(client, keys, &signed).await;
    let retry_after_ms = outcome.answer.as_ref().and_then(asked_pause);
    let (status, next_in_ms) = match (&outcome.error, next_pause(delivery.step, retry_after_ms)) {
        (None, _) => (DeliveryStatus::Succeeded, 0),
        // Kept for the day the endpoint is enabled again.
        (Some(_), _) if outcome.status == Some(GONE) => (DeliveryStatus::Pending, 0),
        (Some(_), None) => (DeliveryStatus::Failed, 0),
        (Some(_), Some(pause)) => (DeliveryStatus::Pending, pause),
    };
    Attempt {
        delivery,
        status,
        answer_status: outcome.status.map(i32::from),
        error: outcome.error,
        answer: outcome.answer.map(|answer| answer.text()),
        duration_ms: outcome.duration_ms,
        next_in_ms,
    }
}
