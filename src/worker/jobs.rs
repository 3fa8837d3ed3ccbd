//! Runs claimed jobs: which kind is done by which use case.

use std::time::Duration;

use futures_util::future::join_all;

use super::Worker;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job, JobKind, Lane};
use crate::db::{Db, Tx};
use crate::kernel::ids::PaymentId;
use crate::orders::access::ask;
use crate::orders::ask_payment::ask_payment;
use crate::orders::cancel_payment::cancel_payment;
use crate::orders::run_action::run_action;
use crate::orders::start_payment::start_payment;
use crate::payments::start::LEASE_MS;
use crate::vat_checks::ask::check_vat_number;

impl Worker {
    /// Claims a batch of due jobs of each lane and runs them; returns how many.
    pub(super) async fn run_due_jobs(&self) -> Result<usize, DbError> {
        let mut claimed = self.claim_jobs(Lane::Own).await?;
        claimed.extend(self.claim_jobs(Lane::Providers).await?);
        claimed.extend(self.claim_jobs(Lane::Services).await?);
        let count = claimed.len();
        join_all(claimed.iter().map(|job| self.run_job(job))).await;
        Ok(count)
    }

    pub(super) async fn claim_jobs(&self, lane: Lane) -> Result<Vec<Job>, DbError> {
        let conn = self.db.read().await?;
        jobs::claim(&conn, self.db.clock().offset_ms(), lane, self.lease_ms).await
    }

    /// Gives back jobs that were claimed and not begun.
    pub(super) async fn release_jobs(&self, claimed: &[Job]) -> Result<(), DbError> {
        let conn = self.db.read().await?;
        for job in claimed {
            jobs::release(&conn, self.db.clock().offset_ms(), job).await?;
        }
        Ok(())
    }

    /// Runs one job while keeping its lease alive; whatever happens is recorded or left to the lease.
    pub(super) async fn run_job(&self, job: &Job) {
        let outcome = tokio::select! {
            outcome = self.perform(job) => outcome,
            error = keep_alive(&self.db, job, self.lease_ms) => Err(error),
        };
        let word = match outcome {
            Ok(()) => "done",
            // Another worker took it over: what this one did is thrown away.
            Err(DbError::Stale) => "overtaken",
            Err(error) => {
                tracing::warn!(%error, kind = %job.kind, job = %job.id, "a job failed and will be tried again");
                "error"
            }
        };
        self.metrics.count_work(job.kind.as_str(), word);
    }

    async fn perform(&self, job: &Job) -> Result<(), DbError> {
        match job.kind {
            JobKind::RunAction | JobKind::CallService => run_action(&self.bench, job).await,
            JobKind::CheckVatNumber => check_vat_number(&self.db, self.vies.as_ref(), job).await,
            JobKind::MailOrderAccess => ask::answer(&self.db, &self.keys, &self.mail_from, job).await,
            JobKind::AskPayment => ask_payment(&self.desk, job).await,
            JobKind::CancelPayment => cancel_payment(&self.desk, job).await,
            JobKind::StartPayment => {
                let started = start_payment(&self.desk, job.checkout_id, PaymentId::from_uuid(job.object_id)).await?;
                self.db
                    .write(async |tx: &mut Tx| -> Result<(), DbError> {
                        if started {
                            return jobs::finish(tx, job).await;
                        }
                        jobs::retry(tx, job, LEASE_MS, "another caller is starting it").await
                    })
                    .await
            }
        }
    }
}

/// Renews the lease, four times within it, until it is lost.
async fn keep_alive(db: &Db, job: &Job, lease_ms: i64) -> DbError {
    let pause = Duration::from_millis(u64::try_from(lease_ms / 4).unwrap_or(1));
    loop {
        tokio::time::sleep(pause).await;
        let renewed = async {
            let conn = db.read().await?;
            jobs::heartbeat(&conn, db.clock().offset_ms(), job, lease_ms).await
        };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => return DbError::Stale,
            // The lease outlives three missed heartbeats; the result decides.
            Err(error) => tracing::warn!(%error, job = %job.id, "a lease could not be renewed"),
        }
    }
}
