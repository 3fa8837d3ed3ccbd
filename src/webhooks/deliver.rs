//! Sends claimed deliveries: signed by Standard Webhooks, recorded whatever happens.

use std::collections::HashMap;

use futures_util::StreamExt;
use futures_util::stream;

use super::create::open_secret;
use super::model::{Claimed, DeliveryStatus};
use super::store::{self, Attempt};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::events::{self, EventView};
use crate::kernel::ids::{CheckoutId, EventId};
use crate::kernel::secret::{Keyring, random_bytes};
use crate::net::client::{GuardedClient, OutboundRequest};
use crate::net::{Method, signature};

/// Pauses after the first, second, … failed attempt, in milliseconds: ten attempts over three days (Standard Webhooks 1.0.0).
const PAUSES_MS: [i64; 9] = [
    5_000,
    5 * 60_000,
    30 * 60_000,
    2 * 3_600_000,
    5 * 3_600_000,
    10 * 3_600_000,
    14 * 3_600_000,
    20 * 3_600_000,
    24 * 3_600_000,
];
/// How many are sent at once.
const PARALLEL: usize = 64;
/// How much of an answer is kept, in bytes.
const KEPT: usize = 2048;
/// The status that switches an endpoint off.
const GONE: u16 = 410;

/// Claims and sends a batch; returns how many were claimed.
pub async fn deliver_due(db: &Db, client: &GuardedClient, keys: &Keyring) -> Result<usize, DbError> {
    let (claimed, bodies) = {
        let conn = db.read().await?;
        let claimed = store::claim(&conn, db.clock().offset_ms()).await?;
        let bodies = bodies(&conn, &claimed).await?;
        (claimed, bodies)
    };
    let count = claimed.len();
    let sends = claimed.into_iter().filter_map(|delivery| {
        let body = bodies.get(&(delivery.checkout_id, delivery.event_id))?;
        Some(send(db, client, keys, delivery, body))
    });
    stream::iter(sends)
        .buffer_unordered(PARALLEL)
        // What has ended by now is recorded together, while the rest is still being sent: a slow receiver holds back nobody's
        // record, and a fast one does not cost a commit for each event.
        .ready_chunks(PARALLEL)
        .for_each_concurrent(None, async |attempts| {
            if let Err(error) = record(db, attempts).await {
                // The lease gives the deliveries back; the receivers may see them again under the same ids.
                tracing::warn!(%error, "attempts were not recorded");
            }
        })
        .await;
    Ok(count)
}

async fn record(db: &Db, attempts: Vec<Attempt>) -> Result<(), DbError> {
    {
        let conn = db.read().await?;
        store::record(&conn, db.clock().offset_ms(), &attempts).await?;
    }
    for gone in attempts
        .iter()
        .filter(|attempt| attempt.answer_status == Some(i32::from(GONE)))
    {
        let (checkout, endpoint) = (gone.delivery.checkout_id, gone.delivery.endpoint_id);
        db.write(async |tx: &mut Tx| -> Result<(), DbError> { store::switch_off(tx, checkout, endpoint).await })
            .await?;
    }
    Ok(())
}

/// The bytes of each event: rendered once from the stored event, the same at every attempt.
async fn bodies(
    conn: &crate::db::Conn,
    claimed: &[Claimed],
) -> Result<HashMap<(CheckoutId, EventId), Vec<u8>>, DbError> {
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
            bodies.insert((checkout, id), body);
        }
    }
    Ok(bodies)
}

async fn send(db: &Db, client: &GuardedClient, keys: &Keyring, delivery: Claimed, body: &[u8]) -> Attempt {
    let begun = std::time::Instant::now();
    let outcome = attempt(db, client, keys, &delivery, body).await;
    let duration_ms = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
    let (answer_status, answer, error, retry_after_ms) = match outcome {
        Ok(answer) => {
            let error = (!answer.is_success()).then(|| format!("answered {}", answer.status));
            let wait = answer
                .retry_after()
                .map(|wait| i64::try_from(wait.as_millis()).unwrap_or(0));
            (Some(answer.status), Some(answer.text().to_owned()), error, wait)
        }
        Err(error) => (None, None, Some(error), None),
    };
    let (status, next_in_ms) = match (&error, next_pause(delivery.attempts, retry_after_ms)) {
        (None, _) => (DeliveryStatus::Succeeded, 0),
        (Some(_), _) if answer_status == Some(GONE) => (DeliveryStatus::Failed, 0),
        (Some(_), None) => (DeliveryStatus::Failed, 0),
        (Some(_), Some(pause)) => (DeliveryStatus::Pending, pause),
    };
    Attempt {
        delivery,
        status,
        answer_status: answer_status.map(i32::from),
        error,
        answer,
        duration_ms,
        next_in_ms,
    }
}

async fn attempt(
    db: &Db,
    client: &GuardedClient,
    keys: &Keyring,
    delivery: &Claimed,
    body: &[u8],
) -> Result<crate::net::Answer, String> {
    let secret = open_secret(
        keys,
        delivery.checkout_id,
        delivery.endpoint_id,
        &delivery.secret_sealed,
    )
    .map_err(|error| error.to_string())?;
    // The time of this attempt: receivers refuse what is older than five minutes.
    let timestamp = u64::try_from(db.clock().now().timestamp()).unwrap_or(0);
    let signed = signature::sign(&[&secret], &delivery.event_id.to_string(), timestamp, body)
        .map_err(|error| error.to_string())?;
    let mut request = OutboundRequest::new(Method::POST, delivery.url.clone());
    request
        .headers
        .push(("content-type".to_owned(), "application/json".to_owned()));
    request
        .headers
        .extend(signed.into_iter().map(|(name, value)| (name.to_owned(), value)));
    request.body = body.to_vec();
    request.max_answer = Some(KEPT);
    client
        .send(request)
        .await
        .map_err(|error| format!("{}: {error}", error.code()))
}

/// The pause after this failed attempt, ± 20 %, never shorter than the receiver asked for; none after the last.
fn next_pause(attempts: i32, retry_after_ms: Option<i64>) -> Option<i64> {
    let failed = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let pause = *PAUSES_MS.get(failed)?;
    let [random] = random_bytes::<1>();
    let jittered = pause * (80 + 40 * i64::from(random) / 255) / 100;
    Some(jittered.max(retry_after_ms.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_over_three_days() {
        let total: i64 = PAUSES_MS.iter().sum();
        assert_eq!(total / 3_600_000, 75);
        for attempts in 1..=9 {
            let pause = next_pause(attempts, None).expect("another attempt");
            let nominal = PAUSES_MS[usize::try_from(attempts).expect("positive") - 1];
            assert!((nominal * 8 / 10..=nominal * 12 / 10).contains(&pause));
        }
        assert_eq!(next_pause(10, None), None);
        assert!(next_pause(1, Some(60_000)) == Some(60_000), "Retry-After is obeyed");
    }
}
