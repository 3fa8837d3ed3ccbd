//! Records attempts, and what follows from them for their object and their endpoint.

use futures_util::try_join;

use super::model::Attempt;
use super::{store, switch_off};
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::db::{Db, Tx};
use crate::kernel::secret::Keyring;
use crate::webhooks::deliveries::model::DeliveryStatus;
use crate::webhooks::endpoints::model::DisabledReason;
use crate::webhooks::queues::model::QueueKey;
use crate::webhooks::queues::store::lock_all;

/// Records attempts, each fenced by the generation of its claim: what another worker has taken over stays as it is. One transaction
/// however many, because the disk is what limits deliveries.
pub(super) async fn record(db: &Db, keys: &Keyring, attempts: &[Attempt]) -> Result<(), DbError> {
    if attempts.is_empty() {
        return Ok(());
    }
    let mut queues: Vec<QueueKey> = attempts.iter().map(queue).collect();
    queues.sort_unstable();
    queues.dedup();
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        lock_all(tx, &queues).await?;
        let ended: Vec<&Attempt> = attempts
            .iter()
            .filter(|attempt| attempt.status != DeliveryStatus::Pending)
            .collect();
        // The second statement sees what the first has done.
        let (verdicts, ()) = try_join!(store::record(tx, attempts), store::let_next_pass(tx, &ended))?;
        for verdict in verdicts {
            let why = if verdict.gone {
                DisabledReason::Gone
            } else if verdict.failing {
                DisabledReason::Failing
            } else {
                continue;
            };
            switch_off::switch_off(tx, keys, verdict.checkout_id, verdict.endpoint_id, why).await?;
        }
        tx.wake(Channel::Deliveries);
        Ok(())
    })
    .await
}

fn queue(attempt: &Attempt) -> QueueKey {
    QueueKey {
        checkout_id: attempt.delivery.checkout_id,
        endpoint_id: attempt.delivery.endpoint_id,
    }
}
