//! What is done by the clock: tidying that correctness never waits for.

use std::time::Duration;

use super::Worker;
use crate::accounts::store::forget_old_sign_ins;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::idempotency;
use crate::discounts::holds::lapse::lapse_old;
use crate::orders::access::store::forget_ended;
use crate::orders::ageing::expire::delete_overdue;
use crate::orders::ageing::remind::remind_due;
use crate::orders::attention::clock::raise_incomplete;
use crate::orders::cancel_payment::cancel_before_hold_ends;
use crate::refunds::send::send_due;
use crate::sessions::expire::expire_overdue;
use crate::webhooks::retention::sweep;
use crate::{actions, payments, webhooks};

/// How often the tidying runs.
pub(super) const EVERY: Duration = Duration::from_secs(30);

impl Worker {
    /// Ends overdue sessions, reminds of unpaid orders and deletes those whose time is over, raises what was not done in time, forgets
    /// old idempotency keys, sign-ins, ways back to orders and deliveries of webhooks, detaches cards; returns how much there was to do.
    pub(super) async fn tidy(&self) -> Result<usize, DbError> {
        let expired = expire_overdue(&self.db).await?;
        self.count("expire_session", expired);
        // Before holds are ended for good: whose payment can be taken back must not pay too late.
        let taken_back = cancel_before_hold_ends(&self.db).await?;
        let resealed = self.reseal().await?;
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
        let delivered = sweep(&self.db).await?;
        let detached = self.detach_cards().await?;
        Ok(expired
            + taken_back
            + resealed
            + swept
            + lapsed
            + forgotten
            + delivered
            + detached
            + self.age_orders().await?)
    }

    /// Moves what is sealed for long to the newest key.
    async fn reseal(&self) -> Result<usize, DbError> {
        let (db, keys) = (&self.db, &self.keys);
        Ok(payments::setup::reseal::reseal(db, keys).await?
            + actions::configured::reseal::reseal(db, keys).await?
            + actions::integrations::reseal::reseal(db, keys).await?
            + webhooks::endpoints::reseal::reseal(db, keys).await?)
    }

    /// What time does to orders, and refunds that nobody has sent.
    async fn age_orders(&self) -> Result<usize, DbError> {
        let reminded = remind_due(&self.db, &self.keys, &self.mail_from).await?;
        self.count("remind_of_order", reminded);
        let deleted = delete_overdue(&self.db).await?;
        self.count("delete_unpaid_order", deleted);
        let raised = raise_incomplete(&self.db).await?;
        self.count("raise_attention", raised);
        let sent = send_due(&self.desk).await?;
        self.count("send_refund", sent);
        Ok(reminded + deleted + raised + sent)
    }
}
