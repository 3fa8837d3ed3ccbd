//! What is done by the clock: tidying that correctness never waits for.

use std::time::Duration;

use super::Worker;
use crate::accounts::store::forget_old_sign_ins;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::idempotency;
use crate::discounts::holds::lapse::lapse_old;
use crate::orders::access::store::forget_ended;
use crate::orders::cancel_payment::cancel_before_hold_ends;
use crate::payments::setup::reseal::reseal;
use crate::sessions::expire::expire_overdue;

/// How often the tidying runs.
pub(super) const EVERY: Duration = Duration::from_secs(30);

impl Worker {
    /// Ends overdue sessions, forgets old idempotency keys, sign-ins and ways back to orders, detaches cards; returns how much there was
    /// to do.
    pub(super) async fn tidy(&self) -> Result<usize, DbError> {
        let expired = expire_overdue(&self.db).await?;
        self.count("expire_session", expired);
        // Before holds are ended for good: whose payment can be taken back must not pay too late.
        let taken_back = cancel_before_hold_ends(&self.db).await?;
        let resealed = reseal(&self.db, &self.keys).await?;
        let conn = self.db.read().await?;
        let swept = idempotency::sweep(&conn, self.db.clock().offset_ms()).await?;
        drop(conn);
        let lapsed = lapse_old(&self.db).await?;
        let forgotten = self
            .db
            .write(async |tx: &mut Tx| -> Result<usize, DbError> {
                Ok(forget_old_sign_ins(tx).await? + forget_ended(tx).await?)
            })
            .await?;
        let detached = self.detach_cards().await?;
        Ok(expired + taken_back + resealed + swept + lapsed + forgotten + detached)
    }
}
