//! Publishing: one statement however many events, inside the caller's transaction.

use super::model::NewEvent;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::kernel::ids::{CheckoutId, EventId};

/// The version of the payloads, given with each event.
pub const API_VERSION: &str = "v1";

/// Writes events with the transaction and wakes the fan-out after its commit. Events keep the order they are given in.
pub async fn publish(tx: &Tx, checkout: CheckoutId, events: Vec<NewEvent>) -> Result<(), DbError> {
    publish_each(tx, events.into_iter().map(|event| (checkout, event)).collect()).await
}

/// The same for events of several checkouts.
pub async fn publish_each(tx: &Tx, events: Vec<(CheckoutId, NewEvent)>) -> Result<(), DbError> {
    let ids: Vec<EventId> = events.iter().map(|_| EventId::generate(tx.clock())).collect();
    store::insert(tx, &ids, events, API_VERSION).await?;
    tx.wake(Channel::Events);
    Ok(())
}
