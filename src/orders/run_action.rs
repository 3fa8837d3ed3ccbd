//! Runs one post-purchase action of an order, under the lease of its job.
//!
//! Three steps: mark the run as begun, do the work with no transaction open, record the result together with the end of the
//! job. A worker that was overtaken finds its job's generation gone, and its result is thrown away.

use futures_util::try_join;

use super::access::give::{WayBack, give};
use super::complete::complete_if_done;
use super::lines::views::tax_breakdown;
use super::model::OrderDetail;
use super::store;
use crate::actions::action::{self, Failure, Input, InputLine, World};
use crate::actions::model::{ActionType, RunStatus};
use crate::actions::store as runs;
use crate::checkouts;
use crate::checkouts::model::Checkout;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::db::{Db, Tx};
use crate::kernel::ids::ActionId;
use crate::kernel::money::Money;
use crate::kernel::secret::Keyring;
use crate::net::Mailer;

/// How often an action is tried before it is given up: with the pauses below, for about a day.
const ATTEMPTS: i32 = 10;
/// The pause after the first failure; it doubles, up to [`LONGEST_MS`].
const FIRST_PAUSE_MS: i64 = 10_000;
const LONGEST_MS: i64 = 4 * 3_600_000;

/// Runs the action that the job names.
pub async fn run_action(db: &Db, mailer: &Mailer, keys: &Keyring, from: &str, job: &Job) -> Result<(), DbError> {
    let run_id = ActionId::from_uuid(job.object_id);
    let Some(Begun {
        detail,
        shop,
        kind,
        way_back,
    }) = begin(db, keys, job, run_id).await?
    else {
        return Ok(());
    };
    let outcome = match input(&detail, &shop, from, run_id, way_back) {
        Ok(input) => action::run(kind, &input, &World { mailer }).await,
        Err(failure) => Err(failure),
    };
    record(db, job, &detail, run_id, &outcome).await
}

/// A run that has begun, and what it needs.
struct Begun {
    detail: OrderDetail,
    shop: Checkout,
    kind: ActionType,
    /// The page of the order, for what is mailed to its buyer.
    way_back: Option<String>,
}

/// Marks the run as begun and reads what it needs; ends the job when there is nothing to do.
async fn begin(db: &Db, keys: &Keyring, job: &Job, run_id: ActionId) -> Result<Option<Begun>, DbError> {
    db.write(async |tx: &mut Tx| -> Result<_, DbError> {
        let Some(order) = runs::begin(tx, job.checkout_id, run_id).await? else {
            jobs::finish(tx, job).await?;
            return Ok(None);
        };
        let (detail, shop) = try_join!(
            store::detail(tx.conn(), job.checkout_id, order),
            checkouts::store::find(tx.conn(), job.checkout_id)
        )?;
        let Some((detail, shop)) = detail.zip(shop) else {
            return Ok(None);
        };
        let run = detail.actions.iter().find(|run| run.id == run_id);
        let kind = run.ok_or(DbError::Stale)?.action_type;
        let way_back = match kind {
            ActionType::ReceiptEmail => page_of_order(tx, keys, job, &detail, &shop).await?,
        };
        Ok(Some(Begun {
            detail,
            shop,
            kind,
            way_back,
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

async fn record(
    db: &Db,
    job: &Job,
    detail: &OrderDetail,
    run_id: ActionId,
    outcome: &Result<(), Failure>,
) -> Result<(), DbError> {
    let (checkout, order) = (job.checkout_id, detail.order.id);
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        let order = store::lock(tx, checkout, order).await?.ok_or(DbError::Stale)?;
        match outcome {
            Ok(()) => {
                try_join!(
                    runs::record(tx, checkout, run_id, RunStatus::Succeeded, None),
                    jobs::finish(tx, job)
                )?;
                complete_if_done(tx, checkout, &order).await
            }
            Err(Failure::Temporary(error)) if job.attempts < ATTEMPTS => {
                runs::record(tx, checkout, run_id, RunStatus::Queued, Some(error)).await?;
                jobs::retry(tx, job, pause_ms(job.attempts), error).await
            }
            Err(Failure::Temporary(error) | Failure::Fatal(error)) => {
                runs::record(tx, checkout, run_id, RunStatus::Failed, Some(error)).await?;
                jobs::finish(tx, job).await
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

fn input(
    detail: &OrderDetail,
    shop: &Checkout,
    from: &str,
    run: ActionId,
    order_url: Option<String>,
) -> Result<Input, Failure> {
    let order = &detail.order;
    let email = order
        .email
        .as_ref()
        .ok_or_else(|| Failure::Fatal("the order has no address any more".to_owned()))?;
    let money = |amount| Money::new(amount, order.currency).map_err(|error| Failure::Fatal(error.to_string()));
    let name: Vec<&str> = [&order.first_name, &order.last_name]
        .into_iter()
        .flatten()
        .map(crate::kernel::text::Name::as_str)
        .collect();
    Ok(Input {
        run: run.to_string(),
        number: order.number,
        email: email.as_str().to_owned(),
        name: (!name.is_empty()).then(|| name.join(" ")),
        locale: order.locale.clone(),
        shop: shop.mail_from_name.as_ref().unwrap_or(&shop.name).to_string(),
        from: shop
            .mail_from_email
            .as_ref()
            .map_or_else(|| from.to_owned(), ToString::to_string),
        support_email: shop.support_email.as_ref().map(ToString::to_string),
        lines: detail
            .lines
            .iter()
            .map(|line| {
                Ok(InputLine {
                    name: line.name.to_string(),
                    quantity: line.quantity,
                    total: money(line.total)?,
                })
            })
            .collect::<Result<_, Failure>>()?,
        taxes: tax_breakdown(&detail.lines)
            .into_iter()
            .filter(|group| group.reason.is_none())
            .map(|group| Ok((format!("{} %", group.rate), money(group.tax)?)))
            .collect::<Result<_, Failure>>()?,
        total: money(order.total)?,
        order_url,
        test_mode: order.test_mode,
    })
}
