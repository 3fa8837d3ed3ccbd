//! Switches an endpoint off that wants nothing more, or that nothing has reached for days, and tells the owners.

use super::model::Told;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::secret::Keyring;
use crate::mails::queue::{Message, Urgency, send_all};
use crate::webhooks::endpoints::model::DisabledReason;
use crate::webhooks::queues::store::pause;

/// Does it, unless it is off already. Its events are kept; the caller has locked its queue.
pub(super) async fn switch_off(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    why: DisabledReason,
) -> Result<(), DbError> {
    if !store::disable(tx, checkout, endpoint, why).await? {
        return Ok(());
    }
    pause(tx, checkout, endpoint).await?;
    let owners = store::owners(tx.conn(), checkout, endpoint).await?;
    let mails: Vec<Message> = owners.iter().map(|owner| message(owner, endpoint, why)).collect();
    send_all(tx, keys, Urgency::CanWait, &mails).await
}

fn message(owner: &Told, endpoint: WebhookEndpointId, why: DisabledReason) -> Message {
    let because = match why {
        DisabledReason::Gone => "It answered that it is gone for good (410).",
        DisabledReason::Failing | DisabledReason::ByStaff => "No event could be delivered to it for five days.",
    };
    // Not the whole address: its path often is a secret.
    let host = owner
        .url
        .split_once("://")
        .map_or(owner.url.as_str(), |(_, rest)| rest)
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default();
    let text = format!(
        "Hello,\n\n\
         the webhook endpoint {endpoint} of {checkout} at {host} has been switched off. {because}\n\n\
         Its events are kept. Once it is repaired, set `active` to true again: it gets everything that happened since. What had \
         been given up before then can be delivered again by its replay with `only_failed`.\n",
        checkout = owner.checkout,
    );
    Message {
        to: owner.email.clone(),
        subject: format!("A webhook endpoint of {} is switched off", owner.checkout),
        text,
    }
}
