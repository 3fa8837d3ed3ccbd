//! Gives events their place in the log of their checkout: after their commit, in ascending order, without a gap.
//!
//! The method: an event is written without a number, in the transaction of its fact. Later a worker locks the counter of the checkout,
//! looks for what has no number (never for what comes after a last id), numbers up to a thousand events and moves the counter, in one
//! transaction. So orders of one checkout never wait for each other's number, an event that commits late gets a later number, and
//! whoever reads by number sees all numbers up to the highest: nothing is inserted behind a reader.
//!
//! What it costs: an entry in a partial index per event, one UPDATE of the event, and four statements and one commit per batch; the
//! counter's row is locked for the length of a batch, against other workers only.
//!
//! Events of one object are numbered by the object's version, which its row lock orders, and not by their ids, which two instances
//! with different clocks may make out of order. A batch takes along every earlier event of its objects.

use futures_util::try_join;

use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::CheckoutId;

/// Numbers a batch; returns which checkouts have new numbers, and how many events got one.
pub async fn number(tx: &Tx) -> Result<(Vec<CheckoutId>, usize), DbError> {
    let ((), checkouts) = try_join!(store::make_counters(tx), store::lock_counters(tx))?;
    if checkouts.is_empty() {
        return Ok((checkouts, 0));
    }
    let numbered = store::number(tx, checkouts).await?;
    let count = numbered.iter().map(|row| row.events).sum::<i64>();
    let checkouts = numbered.into_iter().map(|row| row.checkout_id).collect();
    Ok((checkouts, usize::try_from(count).unwrap_or(0)))
}
