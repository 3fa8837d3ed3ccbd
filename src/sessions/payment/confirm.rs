//! Confirm: the basket becomes an order, once.
//!
//! One transaction makes the order (or finds that it was made); the provider is called after its commit, by one caller however
//! many come. Everyone gets the same order and the same attempt. If the total to pay is no longer what the buyer saw, nothing
//! happens and the answer has the new quote.

use futures_util::try_join;

use super::freeze;
use super::ready;
use super::return_urls;
use super::show::{Attempted, start_and_show};
use super::views::{ConfirmInput, OrderAndPayment};
use crate::checkouts::page::store::billing_form;
use crate::checkouts::selling::require_open;
use crate::checkouts::store::policies;
use crate::db::error::{DbError, Retry};
use crate::db::idempotency::{self, Claim, Key};
use crate::db::{Db, Tx};
use crate::discounts::holds::renew::Timer;
use crate::http::write::same_body;
use crate::kernel::ids::{CheckoutId, OrderId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::orders::place::{PlaceError, place};
use crate::orders::revise::revise;
use crate::payments::desk::Desk;
use crate::rates::reported;
use crate::sessions::basket::store as basket;
use crate::sessions::discount::keep::{held_by, keep};
use crate::sessions::messages::Message;
use crate::sessions::model::{Session, SessionStatus};
use crate::sessions::quote::{Quoted, find};
use crate::sessions::store;
use crate::sessions::update::{consents_of, to_json};
use crate::sessions::views::SessionView;

/// Why a session was not confirmed.
#[derive(Debug)]
pub enum ConfirmError {
    /// The total is no longer what the buyer saw: here is the session as it is now.
    QuoteChanged(Box<Quoted>),
    /// Refused for a reason that has a code of its own.
    Refused(Problem),
    /// The database.
    Db(DbError),
}

crate::db_error!(ConfirmError);

impl From<Problem> for ConfirmError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<PlaceError> for ConfirmError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::LinkUsedUp => Self::Refused(used_up()),
            PlaceError::Db(error) => Self::Db(error),
        }
    }
}

/// The session was opened in time, and others were quicker to confirm.
fn used_up() -> Problem {
    Problem::new(ProblemCode::LinkUsedUp).answered_with(409)
}

impl From<ConfirmError> for Problem {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::QuoteChanged(quoted) => {
                let session = serde_json::to_value(SessionView::from(*quoted)).unwrap_or_default();
                Self::new(ProblemCode::QuoteChanged).with("session", session)
            }
            ConfirmError::Refused(problem) => problem,
            ConfirmError::Db(error) => error.into(),
        }
    }
}

/// Who confirms.
#[derive(Clone, Copy)]
pub struct Confirming<'a> {
    /// For the hash of the buyer's address.
    pub keys: &'a Keyring,
    /// The tenant.
    pub checkout: CheckoutId,
    /// The session.
    pub session: SessionId,
}

/// Confirms the session and waits for its payment to be started.
pub async fn confirm(
    desk: &Desk,
    buyer: Confirming<'_>,
    key: Option<Key>,
    input: ConfirmInput,
) -> Result<OrderAndPayment, Problem> {
    if let Some(order) = already_confirmed(&desk.db, buyer, key.as_ref()).await? {
        return start_and_show(desk, buyer.checkout, &Attempted { order, mine: None }).await;
    }
    let outcome = desk
        .db
        .write(async |tx: &mut Tx| -> Result<Attempted, ConfirmError> { once(tx, buyer, key.as_ref(), &input).await })
        .await;
    let confirmed = outcome.map_err(|error| in_flight(error, key.is_some()))?;
    start_and_show(desk, buyer.checkout, &confirmed).await
}

/// The order of a session that is confirmed already, found without a lock: of many callers at once, those who come second must
/// not queue for the session's row, nor hold a connection while they wait.
async fn already_confirmed(db: &Db, buyer: Confirming<'_>, key: Option<&Key>) -> Result<Option<OrderId>, Problem> {
    let conn = db.read().await?;
    if let Some(key) = key {
        match idempotency::find(&conn, key).await? {
            Some(stored) => same_body(&stored, key)?,
            // A key that was never seen must be claimed, and that takes the transaction.
            None => return Ok(None),
        }
    }
    let session = store::find(&conn, db.clock().offset_ms(), buyer.checkout, buyer.session).await?;
    // A session that went back to the basket has an order, and is to be confirmed again.
    Ok(session
        .filter(|session| matches!(session.status, SessionStatus::Confirmed | SessionStatus::Completed))
        .and_then(|session| session.order_id))
}

/// With a key, losing every retry against the first request means that it is still running.
fn in_flight(error: ConfirmError, keyed: bool) -> Problem {
    if keyed && error.should_retry() {
        return Problem::new(ProblemCode::IdempotencyInFlight).retry_after(1);
    }
    error.into()
}

async fn once(
    tx: &mut Tx,
    buyer: Confirming<'_>,
    key: Option<&Key>,
    input: &ConfirmInput,
) -> Result<Attempted, ConfirmError> {
    let mut repeated = false;
    if let Some(key) = key
        && let Claim::Known(stored) = idempotency::claim(tx, key).await?
    {
        // The answer is rendered from the order as it stands; only the body must be the same.
        same_body(&stored, key)?;
        repeated = true;
    }
    let session = store::lock(tx, buyer.checkout, buyer.session).await?;
    let session = session.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    match (session.status, session.order_id) {
        (SessionStatus::Open, Some(order)) if repeated => Ok(Attempted { order, mine: None }),
        (SessionStatus::Open, _) => agree(tx, buyer, session, input).await,
        // Confirming a confirmed session ignores the body.
        (SessionStatus::Confirmed | SessionStatus::Completed, Some(order)) => Ok(Attempted { order, mine: None }),
        // Its time was over, or its order was deleted.
        _ => Err(Problem::new(ProblemCode::SessionClosed).into()),
    }
}

/// What the buyer saw is what is now: the order is made, or made anew.
async fn agree(
    tx: &mut Tx,
    buyer: Confirming<'_>,
    mut session: Session,
    input: &ConfirmInput,
) -> Result<Attempted, ConfirmError> {
    let checkout = buyer.checkout;
    let today = tx.clock().now().date_naive();
    let (contents, form, policies, held, rate, ()) = try_join!(
        async { Ok::<_, Problem>(find(tx.conn(), tx.clock(), checkout, &session).await?) },
        async { Ok(billing_form(tx.conn(), checkout).await?) },
        async { Ok(policies(tx.conn(), checkout).await?) },
        async { Ok(held_by(tx, checkout, &session).await?) },
        async { Ok(reported::rate(tx.conn(), session.currency, today).await?) },
        require_open(tx.conn(), checkout, session.test_mode)
    )?;
    let consents = input.consents.clone().over(consents_of(&session));
    ready::check(&session, &form, &consents)?;
    session.consents = to_json(consents.clone());
    let urls = (input.return_url.clone(), input.cancel_url.clone());
    return_urls::keep(tx, checkout, &mut session, urls.0, urls.1).await?;
    // Decided when the order is counted; here it saves those who are late most of the work.
    if contents.link.used_up && session.order_id.is_none() {
        return Err(used_up().into());
    }
    let way = input.way();
    let ways = contents.ways(&session);
    let usual = i64::from(contents.link.payment_hold_seconds) * 1000;
    let timer = Timer::Payment(ways.hold_ms(way.provider, usual));
    let mut messages = Vec::new();
    let kept = keep(
        tx,
        buyer.keys,
        (checkout, &mut session),
        &contents,
        (held, timer),
        &mut messages,
    )
    .await?;
    messages.extend(Message::of_prices(&session, &contents.lines));
    if !contents.lines.iter().any(|line| line.selected) {
        return Err(Problem::new(ProblemCode::LineRequired).into());
    }
    session.messages = serde_json::to_value(&messages).map_err(Problem::internal)?;
    let quoted = Quoted {
        session,
        contents,
        quote: kept.quote,
        held: kept.held,
        messages,
    };
    if quoted.quote.total != input.expected_total {
        return Err(ConfirmError::QuoteChanged(Box::new(quoted)));
    }
    let session = &quoted.session;
    if !ways.takes(&way, quoted.quote.total) {
        return Err(Problem::new(ProblemCode::PaymentMethodUnavailable).into());
    }
    let order = freeze::order(tx, &quoted, &consents, &policies, rate.as_ref())?;
    let lines = freeze::lines(&quoted);
    let id = order.id;
    // Sent with what comes before the order: its number's counter is locked from there on.
    let confirmed = async { Ok::<_, ConfirmError>(store::confirm(tx, checkout, session, id).await?) };
    let made = async {
        Ok(if session.order_id.is_some() {
            revise(tx, checkout, order, lines, &way).await?
        } else {
            place(tx, checkout, order, lines, &way).await?
        })
    };
    // What is agreed on is what the buyer saw.
    let seen = async { Ok(basket::see(tx, checkout, &quoted.contents.lines).await?) };
    let ((), (), (order, payment)) = try_join!(confirmed, seen, made)?;
    if let Some(hold) = kept.give_back {
        hold.run(tx).await?;
    }
    Ok(Attempted {
        order: order.id,
        mine: Some(payment),
    })
}
