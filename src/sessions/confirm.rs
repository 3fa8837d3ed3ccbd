//! Confirm: the basket becomes an order, once.
//!
//! One transaction makes the order (or finds that it was made); the provider is called after its commit, by one caller however
//! many come. Everyone gets the same order and the same attempt. If the total to pay is no longer what the buyer saw, nothing
//! happens and the answer has the new quote.

use rust_decimal::Decimal;

use super::model::{Session, SessionStatus};
use super::quote::{Quoted, quoted};
use super::store;
use super::update::consents_of;
use super::views::{ConfirmInput, ConsentsInput, OrderAndPayment, SessionView};
use crate::checkouts::selling::require_open;
use crate::db::error::{DbError, Retry};
use crate::db::idempotency::{self, Claim, Key};
use crate::db::{Db, Tx};
use crate::http::write::same_body;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, SessionId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::model::{
    FulfillmentStatus, LineFulfillment, LineRole, Order, OrderLine, OrderPaymentStatus, OrderStatus,
};
use crate::orders::place::{PlaceError, place};
use crate::orders::start_payment;
use crate::orders::store as orders;
use crate::payments::model::Payment;
use crate::vat_checks::model::status;

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

/// What the transaction of a confirmation found or made.
struct Confirmed {
    order: OrderId,
    /// The attempt this caller has just written, and must therefore start.
    mine: Option<Payment>,
}

/// Confirms the session and waits for its payment to be started.
pub async fn confirm(
    db: &Db,
    checkout: CheckoutId,
    session: SessionId,
    key: Option<Key>,
    input: ConfirmInput,
) -> Result<OrderAndPayment, Problem> {
    if let Some(order) = already_confirmed(db, checkout, session, key.as_ref()).await? {
        let confirmed = Confirmed { order, mine: None };
        start(db, checkout, &confirmed).await?;
        return show(db, checkout, order).await;
    }
    let outcome = db
        .write(async |tx: &mut Tx| -> Result<Confirmed, ConfirmError> {
            once(tx, checkout, session, key.as_ref(), &input).await
        })
        .await;
    let confirmed = outcome.map_err(|error| in_flight(error, key.is_some()))?;
    start(db, checkout, &confirmed).await?;
    show(db, checkout, confirmed.order).await
}

/// The order of a session that is confirmed already, found without a lock: of many callers at once, those who come second must
/// not queue for the session's row, nor hold a connection while they wait.
async fn already_confirmed(
    db: &Db,
    checkout: CheckoutId,
    id: SessionId,
    key: Option<&Key>,
) -> Result<Option<OrderId>, Problem> {
    let conn = db.read().await?;
    if let Some(key) = key {
        match idempotency::find(&conn, key).await? {
            Some(stored) => same_body(&stored, key)?,
            // A key that was never seen must be claimed, and that takes the transaction.
            None => return Ok(None),
        }
    }
    let session = store::find(&conn, db.clock().offset_ms(), checkout, id).await?;
    Ok(session.and_then(|session| session.order_id))
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
    checkout: CheckoutId,
    id: SessionId,
    key: Option<&Key>,
    input: &ConfirmInput,
) -> Result<Confirmed, ConfirmError> {
    if let Some(key) = key
        && let Claim::Known(stored) = idempotency::claim(tx, key).await?
    {
        // The answer is rendered from the order as it stands; only the body must be the same.
        same_body(&stored, key)?;
    }
    let session = store::lock(tx, checkout, id).await?;
    let session = session.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    match session.order_id {
        // Confirming a confirmed session ignores the body.
        Some(order) => Ok(Confirmed { order, mine: None }),
        None => make_order(tx, checkout, session, input).await,
    }
}

async fn make_order(
    tx: &mut Tx,
    checkout: CheckoutId,
    session: Session,
    input: &ConfirmInput,
) -> Result<Confirmed, ConfirmError> {
    if session.status != SessionStatus::Open {
        return Err(Problem::new(ProblemCode::SessionClosed).into());
    }
    let consents = input.consents.clone().over(consents_of(&session));
    complete_enough(&session, &consents)?;
    let quoted = quoted(tx.conn(), tx.clock(), checkout, session).await?;
    require_open(tx.conn(), checkout, quoted.session.test_mode).await?;
    // Decided when the order is counted; here it saves those who are late most of the work.
    if quoted.link.used_up {
        return Err(used_up().into());
    }
    if quoted.quote.total != input.expected_total {
        return Err(ConfirmError::QuoteChanged(Box::new(quoted)));
    }
    if !input.provider.available(quoted.session.test_mode) {
        return Err(Problem::new(ProblemCode::PaymentMethodUnavailable).into());
    }
    let order = order_of(tx, &quoted, &consents)?;
    let lines = lines_of(&quoted);
    // Before the order: its number's counter is locked from there on.
    store::confirm(tx, checkout, quoted.session.id, order.id).await?;
    let (order, payment) = place(tx, checkout, order, lines, input.provider).await?;
    Ok(Confirmed {
        order: order.id,
        mine: Some(payment),
    })
}

/// What must be known before there can be an order. Pointers are into the session.
fn complete_enough(session: &Session, consents: &ConsentsInput) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let mut require = |there: bool, pointer: &str, detail: &str| {
        if !there {
            faults.push(Fault::new(pointer, "required", detail));
        }
    };
    require(
        session.email.is_some(),
        "/customer/email",
        "the buyer's address is needed",
    );
    require(
        session.country.is_some(),
        "/customer/country",
        "the buyer's country is needed",
    );
    require(
        consents.terms == Some(true),
        "/consents/terms",
        "the terms of sale must be accepted",
    );
    require(
        consents.privacy == Some(true),
        "/consents/privacy",
        "the privacy policy must be accepted",
    );
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::ValidationFailed).errors(faults))
    }
}

fn order_of(tx: &Tx, quoted: &Quoted, consents: &ConsentsInput) -> Result<Order, Problem> {
    let (session, link, quote) = (&quoted.session, &quoted.link, &quoted.quote);
    let check = quoted.vat_check.as_ref();
    let now = tx.clock().now();
    Ok(Order {
        id: OrderId::generate(tx.clock()),
        number: 0,
        session_id: session.id,
        status: OrderStatus::NotPaid,
        payment_status: OrderPaymentStatus::Unpaid,
        fulfillment_status: FulfillmentStatus::NotDelivered,
        revision: 1,
        version: 1,
        currency: session.currency,
        subtotal: quote.subtotal,
        discount_total: quote.discount_total,
        tax: quote.tax,
        total: quote.total,
        refunded_amount: 0,
        prices_include_tax: link.prices_include_tax,
        offer_id: session.offer_id,
        offer_title: link.offer_title.clone(),
        success_url: link.success_url.clone(),
        link_id: session.link_id,
        link_slug: link.link_slug.clone(),
        source: session.source.clone(),
        tags: session.tags.clone(),
        customer_id: CustomerId::from_uuid(uuid::Uuid::nil()),
        email: session.email.clone(),
        first_name: session.first_name.clone(),
        last_name: session.last_name.clone(),
        country: session
            .country
            .ok_or_else(|| Problem::internal("confirmed without a country"))?,
        locale: session.locale.clone(),
        consents: frozen_consents(consents, &rfc3339(&now)),
        metadata: serde_json::json!({}),
        custom: session.custom.clone(),
        vat_number: session.vat_number.clone(),
        vat_number_status: session.vat_number.as_ref().map(|_| status(check)),
        vat_consultation_id: check.and_then(|check| check.consultation_id.clone()),
        vat_checked_at: check.and_then(|check| check.checked_at),
        test_mode: session.test_mode,
        created_at: now,
        updated_at: now,
        paid_at: None,
        completed_at: None,
    })
}

/// Each answer with its time: `{"terms": {"accepted": true, "at": "…"}}`.
fn frozen_consents(consents: &ConsentsInput, at: &str) -> serde_json::Value {
    let answers = [
        ("terms", consents.terms),
        ("privacy", consents.privacy),
        ("immediate_delivery", consents.immediate_delivery),
        ("marketing", consents.marketing),
        ("analytics", consents.analytics),
    ];
    let frozen = answers.into_iter().filter_map(|(name, answer)| {
        answer.map(|accepted| (name.to_owned(), serde_json::json!({"accepted": accepted, "at": at})))
    });
    serde_json::Value::Object(frozen.collect())
}

fn lines_of(quoted: &Quoted) -> Vec<OrderLine> {
    let priced = quoted.lines.iter().zip(&quoted.quote.lines);
    priced
        .map(|(line, quote)| OrderLine {
            // The line keeps its id from the session, so that a page can follow it.
            id: line.id,
            role: LineRole::Main,
            product_id: line.product_id,
            variant_id: line.variant_id,
            name: line.name.clone(),
            quantity: line.quantity,
            unit_amount: line.unit_amount().unwrap_or_default(),
            original_unit_amount: line.original_unit_amount(),
            subtotal: quote.subtotal,
            discount: quote.discount,
            tax_rate: Decimal::normalize(&quote.tax_rate),
            tax_country: quote.tax_country,
            tax_reason: quote.tax_reason,
            tax: quote.tax,
            total: quote.total,
            fulfillment_status: LineFulfillment::NotDelivered,
        })
        .collect()
}

async fn start(db: &Db, checkout: CheckoutId, confirmed: &Confirmed) -> Result<(), Problem> {
    if let Some(payment) = &confirmed.mine {
        return Ok(start_payment::start(db, checkout, payment).await?);
    }
    let open = {
        let conn = db.read().await?;
        let attempts = crate::payments::store::of_order(&conn, checkout, confirmed.order).await?;
        attempts.into_iter().find(|attempt| attempt.status.is_open())
    };
    match open {
        Some(payment) => Ok(start_payment::start_payment(db, checkout, payment.id).await?),
        None => Ok(()),
    }
}

/// The order with its open attempt, or its last one.
pub(super) async fn show(db: &Db, checkout: CheckoutId, order: OrderId) -> Result<OrderAndPayment, Problem> {
    let conn = db.read().await?;
    let detail = orders::detail(&conn, checkout, order).await?;
    let detail = detail.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let open = detail.payments.iter().find(|payment| payment.status.is_open());
    let payment = open.or_else(|| detail.payments.last()).cloned();
    let payment = payment.ok_or_else(|| Problem::internal("an order without a payment attempt"))?;
    Ok(OrderAndPayment {
        order: (&detail).into(),
        payment: payment.into(),
    })
}

/// The order of a confirmed session.
pub(super) async fn order_of_session(db: &Db, checkout: CheckoutId, id: SessionId) -> Result<OrderId, Problem> {
    let conn = db.read().await?;
    let session = store::find(&conn, db.clock().offset_ms(), checkout, id).await?;
    let session = session.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    match (session.status, session.order_id) {
        (SessionStatus::Confirmed | SessionStatus::Completed, Some(order)) => Ok(order),
        _ => Err(Problem::new(ProblemCode::NotFound).detail("the session has no order")),
    }
}
