//! Background jobs: rows that commit with the change that needs them, claimed under a lease, fenced by a generation.
//!
//! A claim moves `run_at` to the end of its lease, so a worker that dies gives its jobs back by doing nothing. Every result is
//! written with the generation of the claim: a worker that was overtaken changes nothing ([`DbError::Stale`]).

use diesel::QueryableByName;

use super::error::DbError;
use super::schema::jobs;
use super::sql::sql;
use super::wake::Channel;
use super::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, JobId};
use crate::word_enum;

/// How long a claimed job belongs to its worker, in milliseconds, unless the worker's settings say otherwise.
pub const LEASE_MS: i64 = 60_000;

word_enum! {
    /// What there is to do; the job's `object_id` says with what.
    pub enum JobKind in "jobs.kind" {
        /// Run one post-purchase action: the id of the run.
        RunAction = "run_action",
        /// The same for an action that calls somebody else's system.
        CallService = "call_service",
        /// Ask the provider to start a payment whose first caller may have died: the id of the payment.
        StartPayment = "start_payment",
        /// Ask the provider how a payment stands that it has not spoken of: the id of the payment.
        AskPayment = "ask_payment",
        /// Take a payment back at its provider: the id of the payment.
        CancelPayment = "cancel_payment",
        /// Ask VIES about a buyer's VAT number: the id of the check.
        CheckVatNumber = "check_vat_number",
        /// Mail the way back to an order to who asked for it, if there is one: the id of the request.
        MailOrderAccess = "mail_order_access",
    }
}

/// A claimed job.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = jobs)]
pub struct Job {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// The job.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// With what.
    pub object_id: uuid::Uuid,
    /// The fence: one more at each claim.
    pub generation: i32,
    /// How often it was claimed, this time included.
    pub attempts: i32,
}

/// Enqueues a job with the transaction, due in `delay_ms`.
pub async fn enqueue(
    tx: &Tx,
    checkout: CheckoutId,
    kind: JobKind,
    object: uuid::Uuid,
    delay_ms: i64,
) -> Result<(), DbError> {
    enqueue_as(tx, checkout, JobId::generate(tx.clock()), kind, object, delay_ms).await
}

/// Enqueues a job of one kind for each of many objects, due at once.
pub async fn enqueue_all(tx: &Tx, checkout: CheckoutId, kind: JobKind, objects: &[uuid::Uuid]) -> Result<(), DbError> {
    if objects.is_empty() {
        return Ok(());
    }
    let ids: Vec<JobId> = objects.iter().map(|_| JobId::generate(tx.clock())).collect();
    sql("INSERT INTO jobs (checkout_id, kind, run_at, created_at, id, object_id)
         SELECT $1, $2, kassa_now($3), kassa_now($3), j.id, j.object_id FROM unnest($4::uuid[], $5::uuid[]) j(id, object_id)")
    .bind(checkout)
    .bind(kind)
    .bind(tx.offset_ms())
    .bind(ids)
    .bind(objects)
    .execute(tx.conn())
    .await?;
    tx.wake(kind.lane().channel());
    Ok(())
}

/// Enqueues a job under an id of the caller's, so that [`withdraw`] can find it again.
pub async fn enqueue_as(
    tx: &Tx,
    checkout: CheckoutId,
    id: JobId,
    kind: JobKind,
    object: uuid::Uuid,
    delay_ms: i64,
) -> Result<(), DbError> {
    sql("INSERT INTO jobs (checkout_id, id, kind, object_id, run_at, created_at)
         VALUES ($1, $2, $3, $4, kassa_now($5 + $6), kassa_now($6))")
    .bind(checkout)
    .bind(id)
    .bind(kind)
    .bind(object)
    .bind(delay_ms)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    // What is due later is found by the poll: who is woken now would find nothing.
    if delay_ms <= 0 {
        tx.wake(kind.lane().channel());
    }
    Ok(())
}

/// Takes back a job that has become needless, unless a worker has claimed it: that one ends it itself.
pub async fn withdraw(tx: &Tx, checkout: CheckoutId, id: JobId) -> Result<(), DbError> {
    sql("DELETE FROM jobs WHERE checkout_id = $1 AND id = $2 AND generation = 0")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Takes away every job of this kind with an object, claimed or not: who has one loses the right to record a result.
pub async fn drop_of(tx: &Tx, checkout: CheckoutId, kind: JobKind, object: uuid::Uuid) -> Result<(), DbError> {
    sql("DELETE FROM jobs WHERE checkout_id = $1 AND kind = $2 AND object_id = $3")
        .bind(checkout)
        .bind(kind)
        .bind(object)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Jobs that wait for one another, and for no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What we do ourselves.
    Own,
    /// What payment providers are asked: one that hangs holds up nothing of our own.
    Providers,
    /// What merchants' own systems and the services they use are asked.
    Services,
}

/// A statement that claims the jobs of some kinds. The limit is part of the text: for a limit it does not know, the server expects a
/// tenth of all jobs, and then reads the whole table to find eight.
macro_rules! claim {
    ($of:literal) => {
        concat!(
            "WITH due AS (
                 SELECT checkout_id, id FROM jobs WHERE run_at <= kassa_now($1) AND kind ",
            $of,
            "
                 ORDER BY run_at LIMIT 8 FOR UPDATE SKIP LOCKED
             )
             UPDATE jobs SET generation = generation + 1, attempts = attempts + 1,
                    run_at = kassa_now($1 + $2), lease_until = kassa_now($1 + $2)
             FROM due WHERE jobs.checkout_id = due.checkout_id AND jobs.id = due.id
             RETURNING jobs.checkout_id, jobs.id, jobs.kind, jobs.object_id, jobs.generation, jobs.attempts"
        )
    };
}

impl Lane {
    /// What its loops are woken by.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Own => Channel::OwnJobs,
            Self::Providers => Channel::ProviderJobs,
            Self::Services => Channel::ServiceJobs,
        }
    }

    const fn claim(self) -> &'static str {
        match self {
            Self::Own => claim!("NOT IN ('start_payment', 'ask_payment', 'cancel_payment', 'call_service')"),
            Self::Services => claim!("= 'call_service'"),
            Self::Providers => claim!("IN ('start_payment', 'ask_payment', 'cancel_payment')"),
        }
    }
}

impl JobKind {
    /// Whom it waits for.
    pub const fn lane(self) -> Lane {
        match self {
            Self::RunAction | Self::CheckVatNumber | Self::MailOrderAccess => Lane::Own,
            Self::CallService => Lane::Services,
            Self::StartPayment | Self::AskPayment | Self::CancelPayment => Lane::Providers,
        }
    }
}

/// Claims up to eight due jobs of a lane for as long as the lease says.
pub async fn claim(conn: &Conn, offset_ms: i64, lane: Lane, lease_ms: i64) -> Result<Vec<Job>, DbError> {
    sql(lane.claim()).bind(offset_ms).bind(lease_ms).rows(conn).await
}

/// Keeps a claim alive; false when it has been lost.
pub async fn heartbeat(conn: &Conn, offset_ms: i64, job: &Job, lease_ms: i64) -> Result<bool, DbError> {
    let touched = sql(
        "UPDATE jobs SET run_at = kassa_now($1 + $2), lease_until = kassa_now($1 + $2)
         WHERE checkout_id = $3 AND id = $4 AND generation = $5",
    )
    .bind(offset_ms)
    .bind(lease_ms)
    .bind(job.checkout_id)
    .bind(job.id)
    .bind(job.generation)
    .execute(conn)
    .await?;
    Ok(touched == 1)
}

/// Refuses to go on for a worker that was overtaken: [`DbError::Stale`]. Until the transaction ends nobody else takes the job.
pub async fn still_ours(tx: &Tx, job: &Job) -> Result<(), DbError> {
    sql("SELECT 1 FROM jobs WHERE checkout_id = $1 AND id = $2 AND generation = $3 FOR NO KEY UPDATE")
        .bind(job.checkout_id)
        .bind(job.id)
        .bind(job.generation)
        .exactly_one(tx.conn())
        .await
}

/// Ends a job with the transaction that recorded its result. [`DbError::Stale`] when another worker has taken it over.
pub async fn finish(tx: &Tx, job: &Job) -> Result<(), DbError> {
    sql("DELETE FROM jobs WHERE checkout_id = $1 AND id = $2 AND generation = $3")
        .bind(job.checkout_id)
        .bind(job.id)
        .bind(job.generation)
        .exactly_one(tx.conn())
        .await
}

/// Gives a job back to be tried again in `delay_ms`.
pub async fn retry(tx: &mut Tx, job: &Job, delay_ms: i64, error: &str) -> Result<(), DbError> {
    sql(
        "UPDATE jobs SET run_at = kassa_now($1 + $2), lease_until = NULL, last_error = $3
         WHERE checkout_id = $4 AND id = $5 AND generation = $6",
    )
    .bind(tx.offset_ms())
    .bind(delay_ms)
    .bind(error)
    .bind(job.checkout_id)
    .bind(job.id)
    .bind(job.generation)
    .exactly_one(tx.conn())
    .await
}

/// Gives back, at shutdown, what was claimed and not begun: the attempt does not count.
pub async fn release(conn: &Conn, offset_ms: i64, job: &Job) -> Result<(), DbError> {
    sql(
        "UPDATE jobs SET run_at = kassa_now($1), lease_until = NULL, attempts = attempts - 1
         WHERE checkout_id = $2 AND id = $3 AND generation = $4",
    )
    .bind(offset_ms)
    .bind(job.checkout_id)
    .bind(job.id)
    .bind(job.generation)
    .execute(conn)
    .await
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_claimed_by_its_lane_and_by_no_other() {
        for word in JobKind::ALL {
            let kind: JobKind = word.parse().expect("a kind");
            for lane in [Lane::Own, Lane::Providers, Lane::Services] {
                let text = lane.claim();
                let named = text.contains(&format!("'{kind}'"));
                let claimed = if text.contains("NOT IN") { !named } else { named };
                assert_eq!(claimed, lane == kind.lane(), "{kind} by {lane:?}");
            }
        }
    }
}
