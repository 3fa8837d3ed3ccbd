//! Makes an order of a confirmed basket: frozen, numbered, with its first payment attempt and its actions.

use super::model::{Order, OrderDetail, OrderLine};
use super::store;
use super::views::OrderView;
use crate::actions;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, JobKind};
use crate::events::{EventType, NewEvent, publish};
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::payments;
use crate::payments::model::{Payment, PaymentStatus, ProviderKind};
use crate::payments::start::LEASE_MS;

/// Writes the order, its lines, its frozen actions and a payment attempt whose first call belongs to this caller; publishes
/// `order.created`. `order.number` and `order.customer_id` are given here.
pub async fn place(
    tx: &mut Tx,
    checkout: CheckoutId,
    mut order: Order,
    lines: Vec<OrderLine>,
    provider: ProviderKind,
) -> Result<(Order, Payment), DbError> {
    let actions = actions::store::enabled_for(tx.conn(), checkout, order.test_mode).await?;
    order.customer_id = store::upsert_customer(tx, checkout, &order).await?;
    let payment = attempt(tx, &order, provider);
    // If this process dies before it has called the provider, the job does it when the lease has lapsed.
    jobs::enqueue(tx, checkout, JobKind::StartPayment, payment.id.uuid(), LEASE_MS).await?;
    // From here on the counter's row is locked: only writes of this order follow.
    order.number = store::draw_number(tx, checkout, order.test_mode).await?;
    store::insert(tx, checkout, &order).await?;
    store::insert_lines(tx, checkout, order.id, &lines).await?;
    payments::store::insert(tx, checkout, &payment, order.test_mode, LEASE_MS).await?;
    actions::store::freeze(tx, checkout, order.id, &actions).await?;
    announce(tx, checkout, &order, &[EventType::OrderCreated]).await?;
    Ok((order, payment))
}

fn attempt(tx: &Tx, order: &Order, provider: ProviderKind) -> Payment {
    Payment {
        id: PaymentId::generate(tx.clock()),
        order_id: order.id,
        provider,
        status: PaymentStatus::Created,
        revision: order.revision,
        currency: order.currency,
        amount: order.total,
        received_amount: None,
        allocated_amount: 0,
        refunded_amount: 0,
        provider_reference: None,
        error_code: None,
        error_retryable: None,
        created_at: order.created_at,
        updated_at: order.created_at,
    }
}

/// Publishes events of an order as it stands in this transaction.
pub(super) async fn announce(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: &Order,
    types: &[EventType],
) -> Result<OrderDetail, DbError> {
    let detail = store::detail(tx.conn(), checkout, order.id)
        .await?
        .ok_or(DbError::Stale)?;
    let data =
        serde_json::to_value(OrderView::from(detail.clone())).map_err(|error| DbError::Defect(error.to_string()))?;
    let events = types
        .iter()
        .map(|event_type| NewEvent {
            event_type: *event_type,
            object_id: order.id.uuid(),
            object_version: detail.order.version,
            test_mode: order.test_mode,
            data: data.clone(),
        })
        .collect();
    publish(tx, checkout, events).await?;
    Ok(detail)
}
