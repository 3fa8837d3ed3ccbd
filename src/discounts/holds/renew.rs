//! Keeps a hold alive: while the buyer is active, while they are at payment, and when they come back from there.

use super::model::{Hold, HoldPhase, HoldState};
use super::store;
use super::take::{LONGEST_MS, check_customer};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::refusal::Refusal;

/// Which timer a hold gets, in milliseconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The buyer is active in the basket.
    Basket(i64),
    /// The buyer goes to payment.
    Payment(i64),
}

/// Who uses a code, as far as its limit per customer goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Customer {
    /// The keyed hash of the buyer's folded address, once it is known.
    pub hash: Option<[u8; 32]>,
    /// How often one customer may use the code.
    pub most: Option<i32>,
}

/// What became of a hold.
#[derive(Debug)]
pub enum Renewed {
    /// It lives on.
    Live(Hold),
    /// The customer has used the code in another session meanwhile. The hold is as it was: the caller gives it back.
    Refused(Refusal),
    /// Its hour is over. The hold is as it was: the caller gives it back.
    Spent,
}

/// Renews a hold that the caller has locked. One that is overdue and that nobody has marked is still counted, so it is revived;
/// only the customer's own limit is asked again.
pub async fn renew(tx: &Tx, hold: &Hold, timer: Timer, customer: Customer) -> Result<Renewed, DbError> {
    if let Err(refusal) = check_customer(tx, hold, customer).await? {
        return Ok(Renewed::Refused(refusal));
    }
    let (phase, ms) = match (hold.phase, timer) {
        // Activity elsewhere does not shorten what payment was given.
        (HoldPhase::Payment, Timer::Basket(_)) => return Ok(Renewed::Live(hold.clone())),
        (_, Timer::Basket(ms)) => (HoldPhase::Basket, ms),
        (_, Timer::Payment(ms)) => (HoldPhase::Payment, ms),
    };
    let renewed = store::set_timer(tx, hold, phase, ms, None, customer.hash).await?;
    Ok(renewed.map_or(Renewed::Spent, Renewed::Live))
}

/// The buyer comes back to the basket: the short timer, and a new hour.
pub async fn to_basket(tx: &Tx, hold: &Hold, hold_ms: i64) -> Result<Hold, DbError> {
    let hold = store::set_timer(tx, hold, HoldPhase::Basket, hold_ms, Some(LONGEST_MS), None).await?;
    hold.ok_or(DbError::Stale)
}

/// Ends a hold that the caller has locked because its time is over.
pub async fn lapse(tx: &Tx, hold: &Hold) -> Result<(), DbError> {
    store::end(tx, hold, HoldState::Lapsed).await?;
    let (checkout, code) = (hold.checkout_id, hold.discount_code_id);
    store::count_out(tx, checkout, code, hold.test_mode, i64::from(hold.counted)).await
}
