//! Raises and ends reasons to look at an order. The caller holds the order's lock.

use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::orders::model::AttentionCode;
use crate::orders::place::tell;
use crate::orders::store as orders;

/// Raises a reason and publishes `order.requires_attention`, unless it is raised already. One that was acknowledged and comes again
/// is raised again.
pub async fn raise(tx: &Tx, checkout: CheckoutId, order: OrderId, code: AttentionCode) -> Result<(), DbError> {
    raise_as(tx, checkout, order, code, false).await
}

/// The same for what nothing that happens later undoes: [`end`] leaves the reason until somebody has seen to it. What was raised and
/// would have ended by itself is told of anew, because there is more to see to.
pub async fn raise_to_stay(tx: &Tx, checkout: CheckoutId, order: OrderId, code: AttentionCode) -> Result<(), DbError> {
    raise_as(tx, checkout, order, code, true).await
}

async fn raise_as(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    code: AttentionCode,
    stays: bool,
) -> Result<(), DbError> {
    if !store::raise(tx, checkout, order, code, stays).await? {
        return Ok(());
    }
    store::set_flag(tx, checkout, order).await?;
    let detail = orders::detail(tx.conn(), checkout, order)
        .await?
        .ok_or(DbError::Stale)?;
    tell(tx, checkout, &detail, &[EventType::OrderRequiresAttention]).await
}

/// Ends a reason that is true no longer, unless something else made it true that stays.
pub async fn end(tx: &Tx, checkout: CheckoutId, order: OrderId, code: AttentionCode) -> Result<(), DbError> {
    if store::end(tx, checkout, order, code).await? {
        store::set_flag(tx, checkout, order).await?;
    }
    Ok(())
}

/// Takes a reason off the list because what was done settles it; it stays on the order.
pub async fn settled(tx: &Tx, checkout: CheckoutId, order: OrderId, code: AttentionCode) -> Result<(), DbError> {
    if store::acknowledge(tx, checkout, order, code, None).await? {
        store::set_flag(tx, checkout, order).await?;
    }
    Ok(())
}
