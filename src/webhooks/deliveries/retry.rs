//! Delivers one event again.

use super::model::{Delivery, DeliveryStatus};
use super::store;
use crate::db::Tx;
use crate::db::wake::Channel;
use crate::kernel::ids::{CheckoutId, DeliveryId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::webhooks::endpoints;
use crate::webhooks::queues::replay::{Again, again, arrange};
use crate::webhooks::queues::store::lock;

/// A delivery that ended is queued anew; one that is pending is due now, as soon as it is its turn. Returns it before and after.
pub(super) async fn retry(
    tx: &mut Tx,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    id: DeliveryId,
) -> Result<(Delivery, Delivery), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    lock(tx, checkout, endpoint).await?;
    endpoints::store::find(tx.conn(), checkout, endpoint)
        .await?
        .ok_or_else(not_found)?;
    let before = store::find(tx.conn(), checkout, endpoint, id)
        .await?
        .ok_or_else(not_found)?;
    if before.status == DeliveryStatus::Pending {
        store::hurry(tx, checkout, endpoint, id).await?;
    } else {
        let events = [Again {
            event_id: before.event_id,
            object_id: before.object_id,
            sequence: before.sequence,
        }];
        again(tx, checkout, endpoint, &events, false).await?;
        arrange(tx, checkout, endpoint, &events).await?;
    }
    tx.wake(Channel::Deliveries);
    let after = store::find(tx.conn(), checkout, endpoint, id).await?;
    Ok((before, after.ok_or_else(not_found)?))
}
