//! Deletes an order that nobody has paid, and gives back all that it holds.

use futures_util::try_join;

use super::store;
use super::views::OrderBefore;
use crate::actions;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::holds::release::release_of_session;
use crate::erasure::orders::{Traces, forget};
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Name;
use crate::links::limit;
use crate::orders::forget::store::{self as rows, TaxEvidence};
use crate::orders::model::{DeletionReason, Order, OrderDetail};
use crate::orders::place::tell;
use crate::orders::store as orders;
use crate::orders::transitions::OrderEvent;
use crate::payments;

/// Cancels an unpaid order for a member of staff, in whose words `note` says why; returns what it was and what is left.
pub async fn cancel(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: OrderId,
    note: &Name,
) -> Result<(OrderBefore, OrderDetail), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    // The session before its order: the order of locks of everything that its buyer does.
    store::lock_session(tx, checkout, id).await?;
    let order = orders::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let before = OrderBefore::from(&order);
    let deleted = delete(tx, checkout, &order, DeletionReason::CancelledByStaff, Some(note)).await?;
    let deleted = deleted.ok_or_else(|| Problem::new(order.status.refusal(OrderEvent::Deleted)))?;
    Ok((before, deleted))
}

/// Deletes an order whose session and itself the caller has locked; `None` when it is not one that waits for its money. Money that
/// comes all the same is kept as unallocated and raised, like all that fits no order.
pub async fn delete(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: &Order,
    reason: DeletionReason,
    note: Option<&Name>,
) -> Result<Option<OrderDetail>, DbError> {
    if order.status.after(OrderEvent::Deleted).is_none() {
        return Ok(None);
    }
    let (of_order, of_session) = ([order.id], [order.session_id]);
    let vat_numbers = rows::vat_numbers(tx, checkout, &of_order, &of_session).await?;
    let recent = store::changed_within_a_day(tx, checkout, order.id).await?;
    let customers = store::lock_customers(tx, checkout, order).await?;
    try_join!(
        store::delete(tx, checkout, order, reason, note),
        store::end_session(tx, checkout, order.session_id),
        rows::clear_revisions(tx, checkout, &of_order),
        payments::close::close_open(tx, checkout, order.id, None),
        actions::store::cancel_frozen(tx, checkout, order.id),
    )?;
    rows::clear_orders(tx, checkout, &of_order, TaxEvidence::Drop).await?;
    rows::clear_sessions(tx, checkout, &of_session).await?;
    // Looked at after the lock: another order of this buyer may just have been made.
    for gone in store::leaving(tx, checkout, customers).await? {
        rows::clear_customers(tx, checkout, &[gone.id]).await?;
        if let Some(address) = gone.email_folded {
            let ended = store::ended_sessions(tx, checkout, &address).await?;
            rows::clear_sessions(tx, checkout, &ended).await?;
        }
    }
    let traces = Traces {
        orders: of_order.to_vec(),
        owned: of_order.to_vec(),
        sessions: of_session.to_vec(),
        vat_numbers,
        links: Vec::new(),
        recent,
    };
    forget(tx, checkout, &traces).await?;
    let detail = orders::detail(tx.conn(), checkout, order.id)
        .await?
        .ok_or(DbError::Stale)?;
    tell(tx, checkout, &detail, &[EventType::OrderDeleted]).await?;
    // Counters come last, the link's before the code's as in a confirmation.
    limit::release(tx, checkout, order.link_id).await?;
    release_of_session(tx, checkout, order.session_id).await?;
    Ok(Some(detail))
}
