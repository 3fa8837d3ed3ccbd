//! Makes an order of a confirmed basket: frozen, numbered, with its first payment attempt and its actions.

use futures_util::try_join;

use super::model::{Order, OrderDetail, OrderLine};
use super::store;
use super::views::OrderView;
use crate::actions;
use crate::actions::model::Sold;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, JobKind};
use crate::events::{EventType, NewEvent, publish};
use crate::kernel::ids::{CheckoutId, JobId, PaymentId};
use crate::links::limit;
use crate::payments;
use crate::payments::model::{Payment, PaymentStatus, Way};
use crate::payments::start::LEASE_MS;

/// Why an order was not made.
#[derive(Debug)]
pub enum PlaceError {
    /// Its link has made all the orders it may.
    LinkUsedUp,
    /// The database.
    Db(DbError),
}

crate::db_error!(PlaceError);

/// Writes the order, its lines, its frozen actions and a payment attempt whose first call belongs to this caller; publishes
/// `order.created`. `order.number` and `order.customer_id` are given here.
pub async fn place(
    tx: &Tx,
    checkout: CheckoutId,
    mut order: Order,
    lines: Vec<OrderLine>,
    way: &Way,
) -> Result<(Order, Payment), PlaceError> {
    let mut payment = attempt(tx, &order, way);
    let sold = sold(&order, &lines);
    let owners: Vec<_> = sold.iter().flat_map(|sold| [sold.product, sold.offer]).collect();
    let (actions, customer, ()) = try_join!(
        actions::store::enabled_for(tx.conn(), checkout, order.test_mode, &owners),
        store::upsert_customer(tx, checkout, &order),
        // If this process dies before it has called the provider, the job does it when the lease has lapsed.
        jobs::enqueue_as(
            tx,
            checkout,
            start_job(payment.id),
            JobKind::StartPayment,
            payment.id.uuid(),
            LEASE_MS
        ),
    )?;
    order.customer_id = customer;
    // From here on the counter's row is locked: one round trip of writes, and the commit.
    let inserted = store::insert(tx, checkout, &order).await?;
    order.number = inserted.number;
    (order.created_at, order.updated_at) = (inserted.created_at, inserted.created_at);
    (payment.created_at, payment.updated_at) = (inserted.created_at, inserted.created_at);
    let runs = actions::store::frozen(tx.clock(), order.id, &sold, &actions, inserted.created_at);
    // Nothing is read back: this is the order as it is being written.
    let detail = OrderDetail {
        order,
        lines,
        payments: vec![payment.clone()],
        actions: runs.iter().map(|frozen| frozen.run.clone()).collect(),
        attention: Vec::new(),
        refunds: Vec::new(),
        licenses: Vec::new(),
    };
    let ((), (), (), (), counted) = try_join!(
        store::insert_lines(tx, checkout, &detail.order, &detail.lines),
        payments::store::insert(tx, checkout, &payment, detail.order.test_mode, LEASE_MS),
        actions::store::freeze(tx, checkout, detail.order.revision, &runs),
        tell(tx, checkout, &detail, &[EventType::OrderCreated]),
        // Counters come last; this one may refuse, and then nothing of the order is left.
        limit::take(tx, checkout, detail.order.link_id),
    )?;
    if !counted {
        return Err(PlaceError::LinkUsedUp);
    }
    Ok((detail.order, payment))
}

/// What the lines of an order are to its actions. A line that says no offer was sold by the order's own.
pub(super) fn sold(order: &Order, lines: &[OrderLine]) -> Vec<Sold> {
    lines
        .iter()
        .map(|line| Sold {
            line: line.id,
            product: line.product_id.uuid(),
            offer: line.offer_id.unwrap_or(order.offer_id).uuid(),
        })
        .collect()
}

/// The job that starts an attempt has the attempt's id: whoever records the start can withdraw it.
pub(super) fn start_job(payment: PaymentId) -> JobId {
    JobId::from_uuid(payment.uuid())
}

pub(super) fn attempt(tx: &Tx, order: &Order, way: &Way) -> Payment {
    Payment {
        id: PaymentId::generate(tx.clock()),
        order_id: order.id,
        provider: way.provider,
        method: way.method.clone(),
        handover: None,
        test_mode: order.test_mode,
        status: PaymentStatus::Created,
        revision: order.revision,
        currency: order.currency,
        amount: order.total,
        received_amount: None,
        allocated_amount: 0,
        refunded_amount: 0,
        refunded_unallocated: 0,
        provider_reference: None,
        error_code: None,
        error_retryable: None,
        failure_untold: false,
        received_at: None,
        bank_reference: None,
        created_at: order.created_at,
        updated_at: order.created_at,
    }
}

/// Publishes events of an order as it stands in this transaction.
pub async fn announce(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    types: &[EventType],
) -> Result<OrderDetail, DbError> {
    let detail = store::detail(tx.conn(), checkout, order.id)
        .await?
        .ok_or(DbError::Stale)?;
    tell(tx, checkout, &detail, types).await?;
    Ok(detail)
}

pub(super) async fn tell(
    tx: &Tx,
    checkout: CheckoutId,
    detail: &OrderDetail,
    types: &[EventType],
) -> Result<(), DbError> {
    let data =
        serde_json::to_value(OrderView::from(detail.clone())).map_err(|error| DbError::Defect(error.to_string()))?;
    let events = types
        .iter()
        .map(|event_type| NewEvent {
            event_type: *event_type,
            object_id: detail.order.id.uuid(),
            object_version: detail.order.version,
            test_mode: detail.order.test_mode,
            data: data.clone(),
        })
        .collect();
    publish(tx, checkout, events).await
}
