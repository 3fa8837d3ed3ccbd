//! Takes a use of a code for a session, or says why not.
//!
//! Order of locks: the session (by the caller), the session's own hold, the customer's row, and the code's counter last, as the
//! last statement before commit.

use super::model::{Hold, NewHold};
use super::release::release;
use super::renew::{self, Renewed};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::refusal::Refusal;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, HoldId, SessionId};

/// How long a basket's hold is renewed at the most, in milliseconds: an hour.
pub const LONGEST_MS: i64 = 3_600_000;

/// Who wants which code.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The session, locked by the caller.
    pub session: SessionId,
    /// The code.
    pub code: DiscountCodeId,
    /// How often one customer may use it.
    pub max_per_customer: Option<i32>,
    /// The keyed hash of the buyer's folded address, once it is known.
    pub customer: Option<[u8; 32]>,
    /// In test mode.
    pub test_mode: bool,
    /// How long the hold lasts without activity, in milliseconds.
    pub hold_ms: i64,
}

/// A hold, or the reason there is none. A refusal must end the transaction: what it has released until then comes back with it.
pub async fn take(tx: &mut Tx, wanted: Wanted) -> Result<Result<Hold, Refusal>, DbError> {
    if let Some(own) = store::lock_of_session(tx, wanted.checkout, wanted.session).await? {
        if own.discount_code_id == wanted.code {
            match renew::renew(tx, &own, wanted.hold_ms, wanted.customer, wanted.max_per_customer).await? {
                Renewed::Live(hold) => return Ok(Ok(hold)),
                Renewed::Refused(refusal) => return Ok(Err(refusal)),
                // Its hour is over: a new one, in the queue with everybody else.
                Renewed::Spent => {}
            }
        } else {
            release(tx, &own).await?;
        }
    }
    let new = NewHold {
        checkout: wanted.checkout,
        id: HoldId::generate(tx.clock()),
        code: wanted.code,
        session: wanted.session,
        customer: wanted.customer,
        test_mode: wanted.test_mode,
        hold_ms: wanted.hold_ms,
        longest_ms: LONGEST_MS,
    };
    let hold = store::insert(tx, &new).await?;
    if let Err(refusal) = check_customer(tx, &hold, wanted.customer, wanted.max_per_customer).await? {
        return Ok(Err(refusal));
    }
    if store::is_limited(tx, wanted.checkout, wanted.code, wanted.test_mode).await? {
        store::mark_counted(tx, &hold).await?;
        if !count_in(tx, &wanted).await? {
            return Ok(Err(Refusal::UsageLimitReached));
        }
    }
    Ok(Ok(hold))
}

/// The guarded update; when it says no, overdue holds of the code end in that moment and it is tried once more.
async fn count_in(tx: &mut Tx, wanted: &Wanted) -> Result<bool, DbError> {
    let Wanted {
        checkout,
        code,
        test_mode,
        ..
    } = *wanted;
    if store::count_in(tx, checkout, code, test_mode, 0).await? {
        return Ok(true);
    }
    let ended = store::lapse_of_code(tx, checkout, code, test_mode).await?;
    let freed = ended.iter().filter(|hold| hold.counted).count();
    // Even with nothing freed by us: whoever freed something has committed by now, for we have waited for them.
    store::count_in(tx, checkout, code, test_mode, i64::try_from(freed).unwrap_or(i64::MAX)).await
}

/// Whether the customer may use the code once more. Without an address there is nothing to count yet.
pub(super) async fn check_customer(
    tx: &Tx,
    hold: &Hold,
    customer: Option<[u8; 32]>,
    most: Option<i32>,
) -> Result<Result<(), Refusal>, DbError> {
    let (Some(customer), Some(most)) = (customer, most) else {
        return Ok(Ok(()));
    };
    let (checkout, code, test) = (hold.checkout_id, hold.discount_code_id, hold.test_mode);
    store::queue_customer(tx, checkout, code, &customer, test).await?;
    let uses = store::uses_of_customer(tx, checkout, code, &customer, test, hold.session_id).await?;
    if i64::try_from(uses).unwrap_or(i64::MAX) >= i64::from(most) {
        return Ok(Err(Refusal::CustomerLimitReached));
    }
    Ok(Ok(()))
}
