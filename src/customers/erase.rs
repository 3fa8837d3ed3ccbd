//! Forgets a customer. The row of the customer stays, and of their orders what book-keeping needs: numbers, dates, lines, amounts, taxes
//! and the country.
//!
//! Refused while money of theirs is on its way, or something is still done for them: then somebody may have to be asked, paid back or
//! served. An order that nobody pays is cancelled. The locks are those of the house: sessions, orders, the customer. An order that is
//! confirmed meanwhile is either found by this, or made for a new customer of the same address.

use serde_json::json;

use super::model::{Customer, Known, Unsettled};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::holds::release::release_baskets_of;
use crate::erasure::orders::{Traces, forget};
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::access::store::revoke;
use crate::orders::attention::waiting::settle_waiting;
use crate::orders::cancel::delete::delete;
use crate::orders::forget::store::{self as rows, TaxEvidence};
use crate::orders::model::{DeletionReason, OrderStatus};
use crate::orders::place::announce;

/// How many orders are looked after at once: their events are in memory.
const BATCH: usize = 50;

/// Forgets a customer; returns them before and after. Who is forgotten already is forgotten again: what staff wrote since then goes too.
pub async fn erase(tx: &mut Tx, checkout: CheckoutId, id: CustomerId) -> Result<(Known, Known), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let before = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let found = lock(tx, checkout, &before.customer).await?;
    let unsettled = store::unsettled(tx, checkout, id, &found.orders()).await?;
    if !unsettled.is_empty() {
        return Err(refusal(&unsettled));
    }
    let kept = found
        .of(|order| order.customer_id == id && !matches!(order.status, OrderStatus::NotPaid | OrderStatus::Deleted));
    let changed = clear(tx, checkout, id, &found, &kept).await?;
    for order in &changed {
        let order = store::order(tx, checkout, *order).await?;
        announce(tx, checkout, &order, &[EventType::OrderUpdated]).await?;
    }
    // Counters come last.
    for unpaid in found.of(|order| order.customer_id == id && order.status == OrderStatus::NotPaid) {
        let order = store::order(tx, checkout, unpaid).await?;
        delete(tx, checkout, &order, DeletionReason::CancelledByStaff, None).await?;
    }
    let baskets: Vec<_> = found.sessions.iter().map(|session| (checkout, *session)).collect();
    release_baskets_of(tx, &baskets).await?;
    let after = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, after))
}

/// Everything of a customer that is locked.
struct Found {
    sessions: Vec<SessionId>,
    orders: Vec<store::Locked>,
    /// The sessions with the orders they became.
    visits: Vec<(SessionId, Option<OrderId>)>,
}

impl Found {
    fn of(&self, which: impl Fn(&store::Locked) -> bool) -> Vec<OrderId> {
        let orders = self.orders.iter().filter(|order| which(order));
        orders.map(|order| order.id).collect()
    }

    /// The sessions that are not another's by now.
    fn own_sessions(&self, kept: &[OrderId]) -> Vec<SessionId> {
        let own = |order: &Option<OrderId>| order.is_none_or(|order| kept.contains(&order));
        let own = self.visits.iter().filter(|(_, order)| own(order));
        own.map(|(id, _)| *id).collect()
    }

    fn orders(&self) -> Vec<OrderId> {
        self.of(|_| true)
    }
}

async fn lock(tx: &Tx, checkout: CheckoutId, customer: &Customer) -> Result<Found, DbError> {
    let visits = store::lock_visits(tx, checkout, customer).await?;
    let orders: Vec<_> = visits.iter().filter_map(|visit| visit.order_id).collect();
    let found = Found {
        orders: store::lock_orders(tx, checkout, &orders).await?,
        sessions: visits.iter().map(|visit| visit.id).collect(),
        visits: visits.into_iter().map(|visit| (visit.id, visit.order_id)).collect(),
    };
    store::lock(tx, checkout, customer.id).await?;
    if store::came_between(tx, checkout, customer.id, &found.orders()).await? {
        // Its session comes before it in the order of locks: all over again.
        return Err(DbError::Contention("an order was confirmed meanwhile".to_owned()));
    }
    Ok(found)
}

fn refusal(unsettled: &[Unsettled]) -> Problem {
    let orders: Vec<_> = unsettled
        .iter()
        .map(|order| json!({"id": order.id, "number": order.number, "reason": order.reason}))
        .collect();
    Problem::new(ProblemCode::CustomerNotSettled).with("orders", orders.into())
}

/// Takes the customer off every row; returns the orders that said something of them.
async fn clear(
    tx: &Tx,
    checkout: CheckoutId,
    id: CustomerId,
    found: &Found,
    kept: &[OrderId],
) -> Result<Vec<OrderId>, DbError> {
    let (orders, sessions) = (found.orders(), &found.sessions);
    let vat_numbers = rows::vat_numbers(tx, checkout, &orders, sessions).await?;
    let changed = store::change(tx, checkout, kept).await?;
    for order in store::cancel_waiting(tx, checkout, kept).await? {
        settle_waiting(tx, checkout, order).await?;
    }
    rows::clear_orders(tx, checkout, kept, TaxEvidence::Keep).await?;
    rows::clear_revisions(tx, checkout, &orders).await?;
    store::end_visits(tx, checkout, sessions).await?;
    rows::clear_sessions(tx, checkout, &found.own_sessions(kept)).await?;
    let links = store::clear_links(tx, checkout, id).await?;
    rows::clear_customers(tx, checkout, &[id]).await?;
    for order in kept {
        revoke(tx, checkout, *order).await?;
    }
    for part in 0..orders.len().max(sessions.len()).div_ceil(BATCH) {
        let orders = batch(&orders, part);
        let traces = Traces {
            owned: orders.iter().copied().filter(|order| kept.contains(order)).collect(),
            orders,
            sessions: batch(sessions, part),
            // Once, with the last of them.
            vat_numbers: Vec::new(),
            links: Vec::new(),
            recent: true,
        };
        forget(tx, checkout, &traces).await?;
    }
    let rest = Traces {
        orders: Vec::new(),
        owned: Vec::new(),
        sessions: Vec::new(),
        vat_numbers,
        links,
        recent: false,
    };
    forget(tx, checkout, &rest).await?;
    Ok(changed)
}

fn batch<T: Copy>(all: &[T], part: usize) -> Vec<T> {
    all.iter().skip(part * BATCH).take(BATCH).copied().collect()
}
