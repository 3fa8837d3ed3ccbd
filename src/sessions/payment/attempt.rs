//! Another attempt to pay the order of a session, in the same way or another.

use futures_util::try_join;

use super::return_urls;
use super::show::{Attempted, start_and_show};
use super::views::{OrderAndPayment, PaymentInput};
use crate::checkouts::selling::require_open;
use crate::db::Tx;
use crate::db::idempotency::{self, Claim, Key};
use crate::discounts::codes::terms::store::terms_of;
use crate::discounts::customer::customer_hash;
use crate::discounts::holds::held::store as held;
use crate::discounts::holds::model::HoldState;
use crate::discounts::holds::renew::{Customer, Renewed, Timer, renew};
use crate::discounts::holds::take::{Wanted, take};
use crate::discounts::refusal::Refusal;
use crate::http::write::same_body;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::links::store::find_behind_session;
use crate::orders::attempt::another;
use crate::orders::lines::store::benefits as of_lines;
use crate::orders::model::{Order, OrderStatus};
use crate::orders::store as orders;
use crate::payments::desk::Desk;
use crate::payments::methods::Ways;
use crate::payments::model::Way;
use crate::payments::setup::store::offered;
use crate::payments::store as attempts;
use crate::sessions::model::{Session, SessionStatus};
use crate::sessions::store;

/// Closes the open attempt and starts another one. The same provider again while its attempt is open gives that attempt.
pub async fn attempt(
    desk: &Desk,
    checkout: CheckoutId,
    session: SessionId,
    key: Option<Key>,
    input: PaymentInput,
) -> Result<OrderAndPayment, Problem> {
    let attempted = desk
        .db
        .write(async |tx: &mut Tx| -> Result<Attempted, Problem> {
            if let Some(key) = &key
                && let Claim::Known(stored) = idempotency::claim(tx, key).await?
            {
                same_body(&stored, key)?;
                // The answer is rendered from the order as it stands.
                let order = locked(tx, checkout, session).await?.order_id;
                let order = order.ok_or_else(|| Problem::new(ProblemCode::SessionNotConfirmed))?;
                return Ok(Attempted { order, mine: None });
            }
            write(tx, &desk.keys, checkout, session, &input).await
        })
        .await?;
    start_and_show(desk, checkout, &attempted).await
}

async fn locked(tx: &Tx, checkout: CheckoutId, id: SessionId) -> Result<Session, Problem> {
    let session = store::lock(tx, checkout, id).await?;
    session.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

fn order_of(session: &Session) -> Result<crate::kernel::ids::OrderId, Problem> {
    match (session.status, session.order_id) {
        (SessionStatus::Confirmed, Some(order)) => Ok(order),
        _ => Err(Problem::new(ProblemCode::SessionNotConfirmed)),
    }
}

async fn write(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    input: &PaymentInput,
) -> Result<Attempted, Problem> {
    let mut session = locked(tx, checkout, id).await?;
    let order = orders::lock(tx, checkout, order_of(&session)?).await?;
    let order = order.filter(|order| order.status == OrderStatus::NotPaid);
    let order = order.ok_or_else(|| Problem::new(ProblemCode::SessionNotConfirmed))?;
    require_open(tx.conn(), checkout, order.test_mode).await?;
    let way = input.way();
    let (offered, benefits) = try_join!(
        offered(tx.conn(), checkout, order.test_mode),
        of_lines(tx.conn(), checkout, order.id)
    )?;
    let ways = Ways::of(
        order.test_mode,
        order.currency,
        &offered,
        benefits.iter().map(Vec::as_slice),
    );
    if !ways.takes(&way, order.total) {
        return Err(Problem::new(ProblemCode::PaymentMethodUnavailable));
    }
    let urls = (input.return_url.clone(), input.cancel_url.clone());
    return_urls::keep(tx, checkout, &mut session, urls.0, urls.1).await?;
    // What is paid is the order: a code that was taken since is another basket's.
    session.discount_code = order.discount_code.clone();
    store::pay_again(tx, checkout, &session).await?;
    let of_order = attempts::of_order(tx.conn(), checkout, order.id).await?;
    let open = of_order.iter().find(|attempt| attempt.status.is_open());
    if open.is_some_and(|attempt| attempt.provider == way.provider && attempt.method == way.method) {
        return Ok(Attempted {
            order: order.id,
            mine: None,
        });
    }
    let payment = another(tx, checkout, &order, &way).await?;
    if let Some(code) = order.discount_code_id {
        hold(tx, keys, checkout, &session, &order, (code, &ways, &way))
            .await?
            .map_err(unavailable)?;
    }
    Ok(Attempted {
        order: order.id,
        mine: Some(payment),
    })
}

fn unavailable(reason: Refusal) -> Problem {
    Problem::new(ProblemCode::DiscountUnavailable)
        .detail(reason.detail())
        .with("reason", reason.as_str().into())
}

/// The hold of the order's code for this attempt: the one there is, or a new one if that has lapsed.
async fn hold(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    session: &Session,
    order: &Order,
    (code, ways, way): (DiscountCodeId, &Ways, &Way),
) -> Result<Result<(), Refusal>, Problem> {
    let link = find_behind_session(tx.conn(), tx.offset_ms(), checkout, session.link_id).await?;
    let link = link.ok_or_else(|| Problem::internal("a session without its link"))?;
    let payment_ms = ways.hold_ms(way.provider, i64::from(link.payment_hold_seconds) * 1000);
    let held = held::lock(tx, checkout, session.id, order.currency).await?;
    let terms = terms_of(tx.conn(), checkout, code, order.currency).await?;
    let terms = terms.ok_or_else(|| Problem::internal("an agreed code that is gone"))?;
    let customer = Customer {
        hash: order.email.as_ref().map(|email| customer_hash(keys, checkout, email)),
        most: terms.max_per_customer,
    };
    let in_force = held.as_ref().is_some_and(|held| held.in_force);
    let own = held.map(|held| held.hold).filter(|hold| hold.state == HoldState::Held);
    let hold = match own {
        Some(hold) if in_force && hold.discount_code_id == code => hold,
        own => {
            // Attempts already started are honoured; this one takes a use anew.
            if terms.archived || !terms.active {
                return Ok(Err(Refusal::Inactive));
            }
            let wanted = Wanted {
                checkout,
                session: session.id,
                code,
                limited: terms.limited,
                customer,
                address: None,
                test_mode: session.test_mode,
                hold_ms: i64::from(link.hold_seconds) * 1000,
            };
            match take(tx, own.as_ref(), wanted).await? {
                Ok(hold) => hold,
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    };
    Ok(match renew(tx, &hold, Timer::Payment(payment_ms), customer).await? {
        Renewed::Live(_) => Ok(()),
        Renewed::Refused(refusal) => Err(refusal),
        Renewed::Spent => Err(Refusal::UsageLimitReached),
    })
}
