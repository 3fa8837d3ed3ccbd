//! How many orders a link may make.
//!
//! Every order is counted in the link's own narrow row, by one of the last statements of the transaction that makes the order; the
//! update that counts is the one that refuses, so that no number of buyers at once can pass the limit. An order that is taken back
//! gives its place back.

use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, LinkId};

/// Counts an order of a link; false when the link allows no other, and then the order must not be made.
pub async fn take(tx: &Tx, checkout: CheckoutId, link: LinkId) -> Result<bool, DbError> {
    store::count_order(tx, checkout, link).await
}

/// Gives the place of an order back. Call it in the transaction that cancels or deletes an order that was not paid, exactly once.
pub async fn release(tx: &Tx, checkout: CheckoutId, link: LinkId) -> Result<(), DbError> {
    store::release_order(tx, checkout, link).await
}
