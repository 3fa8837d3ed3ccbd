//! The one call that starts a payment at its provider, however many callers ask for it.
//!
//! Whoever wrote the attempt holds its lease and calls; everyone else waits for the record. A holder that died loses the lease,
//! and the next caller (or the job enqueued with the attempt) takes it over with the same idempotency key: the attempt's id.

use std::time::Duration;

use super::model::{Payment, PaymentStatus};
use super::store;
use crate::db::Db;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, PaymentId};

/// How long a caller has for the provider's answer, in milliseconds: longer than the longest provider timeout.
pub const LEASE_MS: i64 = 25_000;
/// How long the others wait for it.
const WAIT: Duration = Duration::from_secs(10);
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LOOK_EVERY: Duration = Duration::from_millis(160);

/// What a caller is to do about an attempt.
#[derive(Debug)]
pub enum Turn {
    /// Call the provider: the lease is yours.
    Call(Payment),
    /// It has been called: this is how it stands.
    Done(Payment),
}

/// Waits until the attempt has been started, or until it is this caller's turn to start it.
///
/// After [`WAIT`] the attempt is returned as it stands: the answer then shows it as `created`, and the client asks again.
pub async fn await_turn(db: &Db, checkout: CheckoutId, id: PaymentId) -> Result<Option<Turn>, DbError> {
    let begun = tokio::time::Instant::now();
    let mut pause = FIRST_LOOK;
    loop {
        let conn = db.read().await?;
        let Some(payment) = store::find(&conn, checkout, id).await? else {
            return Ok(None);
        };
        if payment.status != PaymentStatus::Created || begun.elapsed() > WAIT {
            return Ok(Some(Turn::Done(payment)));
        }
        let offset = db.clock().offset_ms();
        if store::take_start_lease(&conn, offset, checkout, id, LEASE_MS).await? {
            return Ok(Some(Turn::Call(payment)));
        }
        // The connection goes back before the pause: waiting callers must not hold the pool.
        drop(conn);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOK_EVERY);
    }
}
