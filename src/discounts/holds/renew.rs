//! Keeps a hold alive: while the buyer is active, while they are at payment, and when they come back from there.

use super::model::{Hold, HoldPhase, HoldState};
use super::store;
use super::take::{LONGEST_MS, check_customer};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::refusal::Refusal;

/// What became of a hold.
#[derive(Debug)]
pub enum Renewed {
    /// It lives on.
    Live(Hold),
    /// The customer has used the code in another session meanwhile.
    Refused(Refusal),
    /// Its hour is over; it was given back.
    Spent,
}

/// Renews a hold that the caller has locked. One that is overdue and that nobody has marked is still counted, so it is revived;
/// only the customer's own limit is asked again.
pub async fn renew(
    tx: &mut Tx,
    hold: &Hold,
    hold_ms: i64,
    customer: Option<[u8; 32]>,
    max_per_customer: Option<i32>,
) -> Result<Renewed, DbError> {
    if hold.phase == HoldPhase::Basket && store::is_spent(tx, hold).await? {
        store::end(tx, hold, HoldState::Lapsed).await?;
        store::count_out(
            tx,
            hold.checkout_id,
            hold.discount_code_id,
            hold.test_mode,
            i64::from(hold.counted),
        )
        .await?;
        return Ok(Renewed::Spent);
    }
    if let Some(customer) = customer {
        store::set_customer(tx, hold, &customer).await?;
    }
    if let Err(refusal) = check_customer(tx, hold, customer, max_per_customer).await? {
        return Ok(Renewed::Refused(refusal));
    }
    match hold.phase {
        HoldPhase::Basket => Ok(Renewed::Live(
            store::set_timer(tx, hold, HoldPhase::Basket, hold_ms, None).await?,
        )),
        // Activity elsewhere does not shorten what payment was given.
        HoldPhase::Payment => Ok(Renewed::Live(hold.clone())),
    }
}

/// The buyer goes to payment: the long timer.
pub async fn to_payment(tx: &mut Tx, hold: &Hold, payment_ms: i64) -> Result<Hold, DbError> {
    store::set_timer(tx, hold, HoldPhase::Payment, payment_ms, None).await
}

/// The buyer comes back to the basket: the short timer, and a new hour.
pub async fn to_basket(tx: &mut Tx, hold: &Hold, hold_ms: i64) -> Result<Hold, DbError> {
    store::set_timer(tx, hold, HoldPhase::Basket, hold_ms, Some(LONGEST_MS)).await
}
