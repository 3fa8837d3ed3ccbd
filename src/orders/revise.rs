//! Revisions: a buyer went back to the basket and confirmed again. The order stays; what it says is new, and what it said is kept,
//! for money may still come for it.

use futures_util::try_join;

use super::access::store::revoke;
use super::attempt::another;
use super::model::{Order, OrderDetail, OrderLine, OrderStatus};
use super::place::{sold, tell};
use super::revisions;
use super::store;
use crate::actions;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::CheckoutId;
use crate::payments;
use crate::payments::model::{Payment, Way};

/// Makes the order what `order` and `lines` say, as its next revision, with an attempt to pay that; publishes `order.updated`.
pub async fn revise(
    tx: &Tx,
    checkout: CheckoutId,
    mut order: Order,
    lines: Vec<OrderLine>,
    way: &Way,
) -> Result<(Order, Payment), DbError> {
    let before = store::lock(tx, checkout, order.id).await?.ok_or(DbError::Stale)?;
    if before.status != OrderStatus::NotPaid {
        // Its money came while the buyer was choosing: the session says so by now.
        return Err(DbError::Stale);
    }
    order.number = before.number;
    order.revision = before.revision + 1;
    order.version = before.version + 1;
    order.metadata = before.metadata.clone();
    order.created_at = before.created_at;
    order.customer_id = store::upsert_customer(tx, checkout, &order).await?;
    revisions::store::keep(tx, checkout, order.id).await?;
    revisions::store::clear_lines(tx, checkout, order.id).await?;
    let sold = sold(&order, &lines);
    let owners: Vec<_> = sold.iter().flat_map(|sold| [sold.product, sold.offer]).collect();
    let actions = actions::store::enabled_for(tx.conn(), checkout, order.test_mode, &owners).await?;
    // What the revision before had frozen stays with it: its money may still come.
    let runs = actions::store::frozen(tx.clock(), order.id, &sold, &actions, order.updated_at);
    try_join!(
        revisions::store::update(tx, checkout, &order, before.version),
        store::insert_lines(tx, checkout, &order, &lines),
        actions::store::freeze(tx, checkout, order.revision, &runs)
    )?;
    revoke_of_another(tx, checkout, &before, &order).await?;
    let payment = another(tx, checkout, &order, way).await?;
    let detail = store::detail(tx.conn(), checkout, order.id)
        .await?
        .ok_or(DbError::Stale)?;
    tell(tx, checkout, &detail, &[EventType::OrderUpdated]).await?;
    Ok((order, payment))
}

/// Makes an older revision the order again, because its money came; other attempts are closed.
pub(super) async fn go_back(tx: &Tx, checkout: CheckoutId, order: &Order, payment: &Payment) -> Result<Order, DbError> {
    revisions::store::keep(tx, checkout, order.id).await?;
    revisions::store::clear_lines(tx, checkout, order.id).await?;
    revisions::store::restore(tx, checkout, order, payment.revision).await?;
    payments::close::close_open(tx, checkout, order.id, Some(payment.id)).await?;
    let restored = store::lock(tx, checkout, order.id).await?.ok_or(DbError::Stale)?;
    revoke_of_another(tx, checkout, order, &restored).await?;
    Ok(restored)
}

/// What was mailed to one address opens nothing once the order is another's.
async fn revoke_of_another(tx: &Tx, checkout: CheckoutId, before: &Order, after: &Order) -> Result<(), DbError> {
    let address = |order: &Order| order.email.as_ref().map(crate::kernel::text::Email::folded);
    if address(before) == address(after) {
        return Ok(());
    }
    revoke(tx, checkout, after.id).await
}

/// Closes the open attempt of an unpaid order: its buyer goes back to the basket. False when the order is not unpaid.
pub async fn reopen(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<Option<OrderDetail>, DbError> {
    if order.status != OrderStatus::NotPaid {
        return Ok(None);
    }
    payments::close::close_open(tx, checkout, order.id, None).await?;
    store::advance(
        tx,
        checkout,
        order,
        order.status,
        super::model::OrderPaymentStatus::Unpaid,
        order.fulfillment_status,
    )
    .await?;
    store::detail(tx.conn(), checkout, order.id).await
}
