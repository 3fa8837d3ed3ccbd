//! The order of a session and how its payment stands.

use super::views::OrderAndPayment;
use crate::db::{Conn, Db};
use crate::kernel::ids::{CheckoutId, OrderId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::start_payment;
use crate::orders::store as orders;
use crate::payments::desk::Desk;
use crate::payments::handover::for_buyer;
use crate::payments::model::Payment;
use crate::sessions::store;

/// An order with an attempt to pay it.
pub(super) struct Attempted {
    pub order: OrderId,
    /// The attempt that this caller has just written, and must therefore start.
    pub mine: Option<Payment>,
}

/// Starts what this caller has written, or waits for who does; then the order as it stands.
pub(super) async fn start_and_show(
    desk: &Desk,
    checkout: CheckoutId,
    attempted: &Attempted,
) -> Result<OrderAndPayment, Problem> {
    match &attempted.mine {
        Some(payment) => start_payment::start(desk, checkout, payment).await?,
        None => {
            let open = {
                let conn = desk.db.read().await?;
                let attempts = crate::payments::store::of_order(&conn, checkout, attempted.order).await?;
                attempts.into_iter().find(|attempt| attempt.status.is_open())
            };
            if let Some(payment) = open {
                start_payment::start_payment(desk, checkout, payment.id).await?;
            }
        }
    }
    show(desk, checkout, attempted.order).await
}

/// The order with its open attempt, or its last one.
pub(super) async fn show(desk: &Desk, checkout: CheckoutId, order: OrderId) -> Result<OrderAndPayment, Problem> {
    let conn = desk.db.read().await?;
    let detail = orders::detail(&conn, checkout, order).await?;
    let detail = detail.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let payment = last_of(&detail.payments).ok_or_else(|| Problem::internal("an order without a payment attempt"))?;
    Ok(OrderAndPayment {
        order: (&detail).into(),
        payment: for_buyer(&desk.keys, checkout, payment),
    })
}

fn last_of(payments: &[Payment]) -> Option<Payment> {
    let open = payments.iter().find(|payment| payment.status.is_open());
    open.or_else(|| payments.last()).cloned()
}

/// The open attempt of an order, or its last one.
pub(in crate::sessions) async fn last_attempt(
    conn: &Conn,
    checkout: CheckoutId,
    order: OrderId,
) -> Result<Option<Payment>, Problem> {
    Ok(last_of(&crate::payments::store::of_order(conn, checkout, order).await?))
}

/// The order of a session that was confirmed.
pub(super) async fn order_of_session(db: &Db, checkout: CheckoutId, id: SessionId) -> Result<OrderId, Problem> {
    let conn = db.read().await?;
    let session = store::find(&conn, db.clock().offset_ms(), checkout, id).await?;
    let session = session.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    session
        .order_id
        .ok_or_else(|| Problem::new(ProblemCode::NotFound).detail("the session has no order"))
}
