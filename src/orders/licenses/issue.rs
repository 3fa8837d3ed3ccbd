//! Issues the licenses of a line: from a pool, by the merchant's service, or by hand; then mails them.
//!
//! What was issued is committed before it is mailed, so a repeat sends the same licenses and never takes another.

use secrecy::ExposeSecret;

use crate::actions::action::{Failure, Outcome};
use crate::actions::kinds::{license_email, license_service};
use crate::actions::model::{AttemptOutcome, RunStatus, WaitingFor};
use crate::actions::store::{self as runs, Ended};
use crate::catalog::products::license::{LicenseKind, LicensePer, LicenseSettings};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::secret::Keyring;
use crate::licenses::keys::take::take;
use crate::licenses::model::{Fresh, License, Place};
use crate::licenses::store as licenses;
use crate::licenses::tell::tell;
use crate::mails::queue::{Message, Urgency, send_all};
use crate::orders::attention::raise::raise;
use crate::orders::attention::waiting::{reason, settle_waiting};
use crate::orders::model::OrderLine;
use crate::orders::run_action::{Bench, Work};
use crate::orders::store;
use crate::organizations::members;

/// What became of a run.
pub(in crate::orders) enum Issued {
    /// It was recorded: it waits.
    Ended,
    /// It went through, or failed: to be recorded.
    Ran(Result<Outcome, Failure>),
}

fn fatal(why: &str) -> Issued {
    Issued::Ran(Err(Failure::Fatal(why.to_owned())))
}

/// One attempt at issuing and mailing the licenses of a line.
pub(in crate::orders) async fn issue(bench: &Bench, job: &Job, work: &Work) -> Result<Issued, DbError> {
    let Ok(settings) = serde_json::from_value::<LicenseSettings>(work.begun.config.clone()) else {
        return Ok(fatal("the settings of the license cannot be read"));
    };
    let line = work.begun.order_line_id;
    let Some(line) = work.detail.lines.iter().find(|row| Some(row.id) == line) else {
        return Ok(fatal("the line of this license is gone"));
    };
    if line.returned_at.is_some() {
        return Ok(fatal("the access to this line was taken away"));
    }
    let input = match work.input(bench) {
        Ok(input) => input,
        Err(failure) => return Ok(Issued::Ran(Err(failure))),
    };
    let asked = match ask(bench, work, &settings, line, &input).await {
        Ok(asked) => asked,
        Err(failure) => return Ok(Issued::Ran(Err(failure))),
    };
    let issued = bench
        .db
        .write(async |tx: &mut Tx| write(tx, &bench.keys, job, work, &settings, line, &asked).await)
        .await?;
    let Some(issued) = issued else { return Ok(Issued::Ended) };
    let texts: Vec<String> = issued.into_iter().filter_map(|license| license.content).collect();
    let sent = license_email::mail(work.task(&input), &settings, &texts, &bench.world()).await;
    if sent.is_ok() {
        bench
            .db
            .write(async |tx: &mut Tx| licenses::set_mailed(tx, job.checkout_id, work.begun.order_id, line.id).await)
            .await?;
    }
    Ok(Issued::Ran(sent.map(|()| None)))
}

/// Has the merchant's service make what is missing, unit by unit, each under a key of its own.
async fn ask(
    bench: &Bench,
    work: &Work,
    settings: &LicenseSettings,
    line: &OrderLine,
    input: &crate::actions::action::Input,
) -> Result<Vec<Fresh>, Failure> {
    let (have, wanted) = (held(work, line), settings.count(line.quantity));
    let mut asked = Vec::new();
    if settings.kind == LicenseKind::WebService && !work.detail.order.test_mode {
        for unit in have..wanted {
            let unit = (settings.per == LicensePer::Unit).then_some(unit);
            let license = license_service::ask(work.task(input), settings, unit, &bench.world()).await?;
            asked.push(Fresh {
                content: license.expose_secret().to_owned(),
                key: None,
            });
        }
    }
    Ok(asked)
}

/// How many licenses the line has.
fn held(work: &Work, line: &OrderLine) -> i32 {
    let own = (work.detail.licenses.iter()).filter(|license| license.order_line_id == line.id);
    i32::try_from(own.count()).unwrap_or(i32::MAX)
}

/// Writes what the line lacks and returns all that it has; `None` when it has to wait, which is then recorded.
async fn write(
    tx: &mut Tx,
    keys: &Keyring,
    job: &Job,
    work: &Work,
    settings: &LicenseSettings,
    line: &OrderLine,
    asked: &[Fresh],
) -> Result<Option<Vec<License>>, DbError> {
    let (checkout, order) = (job.checkout_id, work.begun.order_id);
    let order = store::lock(tx, checkout, order).await?.ok_or(DbError::Stale)?;
    jobs::still_ours(tx, job).await?;
    let reissued = licenses::reissue(tx, checkout, order.id, line.id).await?;
    tell(tx, checkout, EventType::LicenseIssued, &reissued).await?;
    let of_order = licenses::of_order(tx.conn(), checkout, order.id).await?;
    let mut have: Vec<License> = of_order
        .into_iter()
        .filter(|license| license.order_line_id == line.id)
        .collect();
    let first = i32::try_from(have.len()).unwrap_or(i32::MAX);
    let missing = settings.count(line.quantity).saturating_sub(first);
    let place = Place {
        order: order.id,
        line: line.id,
        product: line.product_id.uuid(),
        run: work.run,
        test_mode: order.test_mode,
    };
    let fresh = match settings.kind {
        _ if missing <= 0 => Vec::new(),
        // Whoever has a test link could empty the pool: test orders get what looks like a license and is none.
        LicenseKind::KeyPool | LicenseKind::WebService if order.test_mode => dummies(line, first, missing),
        // A person says how many there are.
        LicenseKind::Manual if first > 0 => Vec::new(),
        LicenseKind::Manual => {
            wait(tx, job, work, WaitingFor::ManualDelivery).await?;
            ask_merchant(tx, keys, checkout, order.number, line).await?;
            return Ok(None);
        }
        LicenseKind::KeyPool => {
            let product: ProductId = line.product_id;
            let taken = take(tx, keys, checkout, product, line.id, missing, settings).await?;
            if taken.is_empty() {
                wait(tx, job, work, WaitingFor::LicenseKeys).await?;
                return Ok(None);
            }
            let fresh = taken.into_iter().map(|key| Fresh {
                content: key.key,
                key: Some(key.id),
            });
            fresh.collect()
        }
        LicenseKind::WebService => asked.to_vec(),
        LicenseKind::InformationEmail => Vec::new(),
    };
    let issued = licenses::insert(tx, checkout, place, first, &fresh).await?;
    tell(tx, checkout, EventType::LicenseIssued, &issued).await?;
    have.extend(issued);
    settle_waiting(tx, checkout, order.id).await?;
    Ok(Some(have))
}

/// Licenses of a test order.
fn dummies(line: &OrderLine, first: i32, count: i32) -> Vec<Fresh> {
    let dummy = |unit: i32| Fresh {
        content: format!("TEST-{}-{}", line.id, unit + 1),
        key: None,
    };
    (first..first + count).map(dummy).collect()
}

/// Records that the run waits, ends its job, and raises the order.
async fn wait(tx: &mut Tx, job: &Job, work: &Work, waiting_for: WaitingFor) -> Result<(), DbError> {
    let checkout = job.checkout_id;
    let ended = Ended {
        status: RunStatus::Waiting,
        waiting_for: Some(waiting_for),
        attempt: AttemptOutcome::Waiting,
        error: None,
        outcome: None,
    };
    runs::record(tx, checkout, work.run, work.begun.attempts, &ended).await?;
    jobs::finish(tx, job).await?;
    raise(tx, checkout, work.begun.order_id, reason(waiting_for)).await
}

async fn ask_merchant(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    number: i64,
    line: &OrderLine,
) -> Result<(), DbError> {
    let owners = members::store::owners_of_checkout(tx.conn(), checkout).await?;
    let mails: Vec<Message> = owners
        .into_iter()
        .map(|owner| Message {
            to: owner.email,
            subject: format!("Order {number} of {} waits for you to deliver", owner.checkout),
            text: format!(
                "Hello,\n\n{} × {} of order {number} of {} is delivered by hand. Deliver it with POST \
                 /v1/checkouts/{checkout}/orders/…/lines/{}/deliver.\n",
                line.quantity, line.name, owner.checkout, line.id
            ),
        })
        .collect();
    send_all(tx, keys, Urgency::CanWait, &mails).await
}
