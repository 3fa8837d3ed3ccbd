//! Orders that are taken for less than their total. What is missing is let go line by line, so that no refund gives back what never
//! came; money that comes for it after all is taken in. The caller holds the order's lock.

use super::states;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::pricing::spread;

/// Lets go of so much of the order's total, from each line in proportion to what it costs.
pub(super) async fn let_go(tx: &Tx, checkout: CheckoutId, order: OrderId, amount: i64) -> Result<(), DbError> {
    if amount == 0 {
        return Ok(());
    }
    let lines = states::store::lock_shares(tx, checkout, order).await?;
    let weights: Vec<i64> = lines.iter().map(|line| line.total).collect();
    for (line, share) in lines.iter().zip(spread(amount, &weights)) {
        states::store::let_go(tx, checkout, line.id, share).await?;
    }
    Ok(())
}

/// So much of what was let go has come after all: no line gets more of it than was let go of it.
pub(super) async fn make_up(tx: &Tx, checkout: CheckoutId, order: OrderId, amount: i64) -> Result<(), DbError> {
    let lines = states::store::lock_shares(tx, checkout, order).await?;
    let weights: Vec<i64> = lines.iter().map(|line| line.unpaid_amount).collect();
    for (line, share) in lines.iter().zip(spread(amount, &weights)) {
        states::store::let_go(tx, checkout, line.id, -share).await?;
    }
    Ok(())
}
