//! Runs one post-purchase action of an order, under the lease of its job.
//!
//! Three steps: mark the run as begun, do the work with no transaction open, record the result together with the end of the
//! job. A worker that was overtaken finds its job's generation gone, and its result is thrown away.

use std::sync::Arc;

use futures_util::try_join;
use serde_json::{Map, Value};

use super::access::give::{WayBack, give};
use super::action_input::{Ways, input};
use super::attention::raise::raise;
use super::attention::waiting::settle_waiting;
use super::complete::{end_incomplete, follow_actions};
use super::licenses;
use super::model::{AttentionCode, OrderDetail, OrderStatus};
use super::store;
use crate::actions::action::{self, Failure, Input, Outcome, Services, Task, World};
use crate::actions::configured::seal;
use crate::actions::integrations;
use crate::actions::integrations::model::Account;
use crate::actions::model::{ActionType, AttemptOutcome, RunStatus};
use crate::actions::store::{self as runs, Begun, Ended};
use crate::checkouts;
use crate::checkouts::model::Checkout;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::db::{Db, Tx};
use crate::kernel::ids::{ActionId, JobId};
use crate::kernel::secret::Keyring;
use crate::net::Mailer;
use crate::net::client::GuardedClient;

/// How often an action is tried before it is given up: with the pauses below, for about a day.
const ATTEMPTS: i32 = 10;
/// The pause after the first failure; it doubles, up to [`LONGEST_MS`].
const FIRST_PAUSE_MS: i64 = 10_000;
const LONGEST_MS: i64 = 4 * 3_600_000;

/// What running actions takes.
#[derive(Clone)]
pub struct Bench {
    /// The database.
    pub db: Db,
    /// Opens what is sealed.
    pub keys: Arc<Keyring>,
    /// Sends mail.
    pub mailer: Mailer,
    /// The address of mails whose shop has none of its own.
    pub mail_from: String,
    /// Makes requests.
    pub client: GuardedClient,
    /// Where the services of integrations are.
    pub services: Services,
}

/// Everything that one run is about.
pub(super) struct Work {
    pub run: ActionId,
    /// The job that has it done: another for each time that somebody asked for it.
    pub occasion: JobId,
    pub begun: Begun,
    pub detail: OrderDetail,
    pub shop: Checkout,
    /// The page of the order, for what is mailed to its buyer.
    pub way_back: Option<String>,
    pub secrets: Map<String, Value>,
    pub account: Option<Account>,
    /// What the run that this one undoes has left.
    pub left: Option<Value>,
}

impl Work {
    /// The run, ready for its kind.
    pub fn task<'a>(&'a self, input: &'a Input) -> Task<'a> {
        Task {
            input,
            config: &self.begun.config,
            secrets: &self.secrets,
            account: self.account.as_ref(),
        }
    }

    /// What the run is told of its order.
    pub fn input(&self, bench: &Bench) -> Result<Input, Failure> {
        let ways = Ways {
            from: &bench.mail_from,
            order_url: self.way_back.clone(),
        };
        let run = (self.run, self.occasion);
        input(&self.detail, &self.shop, ways, run, self.begun.order_line_id)
    }
}

impl Bench {
    /// The ways out that a run has.
    pub(super) fn world(&self) -> World<'_> {
        World {
            mailer: &self.mailer,
            client: &self.client,
            services: &self.services,
            now: u64::try_from(self.db.clock().now().timestamp()).unwrap_or_default(),
        }
    }
}

/// Runs the action that the job names.
pub async fn run_action(bench: &Bench, job: &Job) -> Result<(), DbError> {
    let run = ActionId::from_uuid(job.object_id);
    let Some(work) = begin(bench, job, run).await? else {
        return Ok(());
    };
    let result = match (work.begun.action_type, work.begun.revokes) {
        (ActionType::License, None) => match licenses::issue::issue(bench, job, &work).await? {
            licenses::issue::Issued::Ended => return Ok(()),
            licenses::issue::Issued::Ran(result) => result,
        },
        (ActionType::License, Some(_)) => licenses::revoke::revoke(bench, job, &work).await.map(|()| Ok(None))?,
        (kind, revokes) => match work.input(bench) {
            Ok(input) if revokes.is_some() => {
                action::revoke(kind, work.task(&input), work.left.as_ref(), &bench.world()).await
            }
            Ok(input) => action::run(kind, work.task(&input), &bench.world()).await,
            Err(failure) => Err(failure),
        },
    };
    record(bench, job, &work, result).await
}

/// Marks the run as begun and reads what it needs; ends the job when there is nothing to do.
async fn begin(bench: &Bench, job: &Job, run: ActionId) -> Result<Option<Work>, DbError> {
    let checkout = job.checkout_id;
    bench
        .db
        .write(async |tx: &mut Tx| -> Result<_, DbError> {
            // A worker that slept past its lease begins nothing that another has begun.
            let ((), shop) = try_join!(jobs::still_ours(tx, job), checkouts::store::find(tx.conn(), checkout))?;
            let Some(shop) = shop else {
                // Deleted with its test orders: nobody waits for what they would have had done, and it is not tried for ever.
                runs::cancel(tx, checkout, run).await?;
                jobs::finish(tx, job).await?;
                return Ok(None);
            };
            let Some(begun) = runs::begin(tx, checkout, run).await? else {
                jobs::finish(tx, job).await?;
                return Ok(None);
            };
            let (detail, action) = try_join!(
                store::detail(tx.conn(), checkout, begun.order_id),
                crate::actions::configured::store::find(tx.conn(), checkout, begun.action_id)
            )?;
            // Foreign keys hold both. A run that nothing could be read for must not come back with every lease.
            let (detail, action) = detail
                .zip(action)
                .ok_or_else(|| DbError::Defect("an action without its order or configuration".to_owned()))?;
            let defect = |error: crate::kernel::secret::NotOurs| DbError::Defect(format!("an action: {error}"));
            let account = match begun.action_type.service() {
                Some(service) => integrations::store::find(tx.conn(), checkout, service).await?,
                None => None,
            };
            let account = account.map(|row| integrations::seal::account(&bench.keys, &row));
            let left = match begun.revokes {
                Some(undone) => runs::outcome(tx.conn(), checkout, undone).await?,
                None => None,
            };
            let way_back = match begun.action_type {
                ActionType::ReceiptEmail | ActionType::Email | ActionType::License => {
                    page_of_order(tx, &bench.keys, job, &detail, &shop).await?
                }
                _ => None,
            };
            Ok(Some(Work {
                run,
                occasion: job.id,
                secrets: seal::open(&bench.keys, checkout, action.id, action.secrets.as_deref()).map_err(defect)?,
                account: account.transpose().map_err(defect)?,
                begun,
                detail,
                shop,
                way_back,
                left,
            }))
        })
        .await
}

/// The order's page in the storefront. A shop without one sends no way back with its receipts: a buyer who wants it asks.
async fn page_of_order(
    tx: &Tx,
    keys: &Keyring,
    job: &Job,
    detail: &OrderDetail,
    shop: &Checkout,
) -> Result<Option<String>, DbError> {
    if shop.storefront_url.is_none() || detail.order.email.is_none() {
        return Ok(None);
    }
    let way = give(
        tx,
        keys,
        job.checkout_id,
        detail.order.id,
        shop.storefront_url.as_deref(),
    )
    .await?;
    Ok(match way {
        WayBack::Address(address) => Some(address),
        WayBack::Code(_) => None,
    })
}

async fn record(bench: &Bench, job: &Job, work: &Work, result: Result<Outcome, Failure>) -> Result<(), DbError> {
    let (checkout, begun) = (job.checkout_id, &work.begun);
    let ended = |status, attempt, error| Ended {
        status,
        waiting_for: None,
        attempt,
        error,
        outcome: None,
    };
    bench
        .db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            let order = store::lock(tx, checkout, begun.order_id).await?.ok_or(DbError::Stale)?;
            match &result {
                Ok(outcome) => {
                    let ended = Ended {
                        outcome: outcome.as_ref(),
                        ..ended(RunStatus::Succeeded, AttemptOutcome::Succeeded, None)
                    };
                    try_join!(
                        runs::record(tx, checkout, work.run, begun.attempts, &ended),
                        jobs::finish(tx, job)
                    )?;
                    if begun.revokes.is_some() {
                        if order.status != OrderStatus::Paid {
                            end_incomplete(tx, checkout, order.id).await?;
                        }
                        return Ok(());
                    }
                    follow_actions(tx, checkout, &order, begun.order_line_id).await
                }
                Err(Failure::Temporary(error)) if job.attempts < ATTEMPTS => {
                    let ended = ended(RunStatus::Queued, AttemptOutcome::Retried, Some(error.as_str()));
                    runs::record(tx, checkout, work.run, begun.attempts, &ended).await?;
                    jobs::retry(tx, job, pause_ms(job.attempts), error).await
                }
                Err(Failure::Temporary(error) | Failure::Fatal(error)) => {
                    let ended = ended(RunStatus::Failed, AttemptOutcome::Failed, Some(error.as_str()));
                    runs::record(tx, checkout, work.run, begun.attempts, &ended).await?;
                    jobs::finish(tx, job).await?;
                    settle_waiting(tx, checkout, order.id).await?;
                    if begun.revokes.is_some() {
                        // Nobody waits for it as for a delivery: said at once.
                        raise(tx, checkout, order.id, AttentionCode::ActionsIncomplete).await?;
                    }
                    Ok(())
                }
            }
        })
        .await
}

/// Doubling, with up to a quarter more at random, so that runs that failed together do not come back together.
fn pause_ms(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let pause = FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_MS);
    let [random] = crate::kernel::secret::random_bytes::<1>();
    pause + pause / 4 * i64::from(random) / 255
}
