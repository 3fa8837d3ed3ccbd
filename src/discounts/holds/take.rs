//! Takes a use of a code for a session, or says why not.
//!
//! Order of locks: the session (by the caller), the session's own hold, the customer's row, and the code's counter last, as the
//! last statement before commit.

use futures_util::try_join;

use super::model::{Hold, NewHold};
use super::release::release;
use super::renew::{self, Customer, Renewed, Timer};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::refusal::Refusal;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, HoldId, SessionId};
use crate::kernel::problem::Problem;

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
    /// Whether it had a limit when it was looked up: a guess, which the counter decides.
    pub limited: bool,
    /// The buyer.
    pub customer: Customer,
    /// Where the buyer's request comes from, and how many holds one such place may have, if the merchant limits that.
    pub address: Option<AddressLimit>,
    /// In test mode.
    pub test_mode: bool,
    /// How long the hold lasts without activity, in milliseconds.
    pub hold_ms: i64,
}

/// A limit on the holds of one network address by buyers who have not said who they are.
#[derive(Clone, Copy, Debug)]
pub struct AddressLimit {
    /// The keyed hash of the address.
    pub hash: [u8; 32],
    /// How many.
    pub most: i32,
}

/// A hold, or the reason there is none. `own` is what the session holds, locked by the caller. A refusal leaves nothing of itself
/// behind; but a hold of another code that the session had is given back by then, so who replaces one must end the transaction with
/// the refusal.
pub async fn take(tx: &Tx, own: Option<&Hold>, wanted: Wanted) -> Result<Result<Hold, Refusal>, DbError> {
    if let Some(own) = own {
        if own.discount_code_id == wanted.code {
            match renew::renew(tx, own, Timer::Basket(wanted.hold_ms), wanted.customer).await? {
                Renewed::Live(hold) => return Ok(Ok(hold)),
                Renewed::Refused(refusal) => return Ok(Err(refusal)),
                // Its hour is over: a new one, in the queue with everybody else.
                Renewed::Spent => renew::lapse(tx, own).await?,
            }
        } else {
            release(tx, own).await?;
        }
    }
    if let Err(refusal) = check_address(tx, &wanted).await? {
        return Ok(Err(refusal));
    }
    let new = NewHold {
        checkout: wanted.checkout,
        id: HoldId::generate(tx.clock()),
        code: wanted.code,
        session: wanted.session,
        customer: wanted.customer.hash,
        address: wanted.address.map(|address| address.hash),
        test_mode: wanted.test_mode,
        hold_ms: wanted.hold_ms,
        longest_ms: LONGEST_MS,
        counted: wanted.limited,
    };
    let (mut hold, place) = if wanted.customer.hash.and(wanted.customer.most).is_some() {
        let hold = store::insert(tx, &new).await?;
        if let Err(refusal) = check_customer(tx, &hold, wanted.customer).await? {
            store::discard(tx, &hold).await?;
            return Ok(Err(refusal));
        }
        (hold, count(tx, &wanted).await?)
    } else {
        // Sent together, the hold first: its reference to the code waits for whoever is changing the code's limit, and the counter
        // must be asked after that. Both are prepared here for the first time, and polled in this order, so they are sent in it.
        try_join!(store::insert(tx, &new), count(tx, &wanted))?
    };
    let counted = match place {
        Place::Unlimited => false,
        Place::Counted => true,
        Place::Full => {
            store::discard(tx, &hold).await?;
            return Ok(Err(Refusal::UsageLimitReached));
        }
    };
    if counted != hold.counted {
        // The limit was set or taken away in this moment.
        store::mark_counted(tx, &hold, counted).await?;
        hold.counted = counted;
    }
    Ok(Ok(hold))
}

/// What the counter of a code says.
enum Place {
    /// It counts nothing.
    Unlimited,
    /// It has counted one more.
    Counted,
    /// There is no use left.
    Full,
}

/// The guarded update; when it says no, overdue holds of the code end in that moment and it is tried once more.
async fn count(tx: &Tx, wanted: &Wanted) -> Result<Place, DbError> {
    let Wanted {
        checkout,
        code,
        test_mode,
        limited,
        ..
    } = *wanted;
    if limited && store::count_in(tx, checkout, code, test_mode, 0).await? {
        return Ok(Place::Counted);
    }
    if !store::is_limited(tx, checkout, code, test_mode).await? {
        return Ok(Place::Unlimited);
    }
    if !limited && store::count_in(tx, checkout, code, test_mode, 0).await? {
        return Ok(Place::Counted);
    }
    let ended = store::lapse_of_code(tx, checkout, code, test_mode).await?;
    let freed = i64::try_from(ended.iter().filter(|hold| hold.counted).count()).unwrap_or(i64::MAX);
    // Even with nothing freed by us: whoever freed something has committed by now, for we have waited for them.
    if store::count_in(tx, checkout, code, test_mode, freed).await? {
        return Ok(Place::Counted);
    }
    store::count_out(tx, checkout, code, test_mode, freed).await?;
    Ok(Place::Full)
}

/// Whether this network address may hold one more code. Not exact under a burst: it keeps abuse in bounds, not money.
async fn check_address(tx: &Tx, wanted: &Wanted) -> Result<Result<(), Refusal>, DbError> {
    let (Some(limit), None) = (wanted.address, wanted.customer.hash) else {
        return Ok(Ok(()));
    };
    let held = store::held_by_address(tx, wanted.checkout, &limit.hash, wanted.session).await?;
    if i64::try_from(held.len()).unwrap_or(i64::MAX) >= i64::from(limit.most) {
        return Ok(Err(Refusal::TooManyHolds));
    }
    Ok(Ok(()))
}

/// A refusal as an answer. One that time alone takes back says when: once so many holds of this address are over.
pub async fn problem(tx: &Tx, wanted: &Wanted, refusal: Refusal) -> Result<Problem, DbError> {
    let problem = Problem::from(refusal);
    let (Refusal::TooManyHolds, Some(limit)) = (refusal, wanted.address) else {
        return Ok(problem);
    };
    let held = store::held_by_address(tx, wanted.checkout, &limit.hash, wanted.session).await?;
    // There is a place when all but one less than the limit have ended.
    let too_many = held
        .len()
        .saturating_sub(usize::try_from(limit.most).unwrap_or_default());
    let seconds = held.get(too_many).map_or(1, |hold| hold.seconds);
    Ok(problem.retry_after(u32::try_from(seconds).unwrap_or(1).max(1)))
}

/// Whether the customer may use the code once more. Without an address there is nothing to count yet.
pub(super) async fn check_customer(tx: &Tx, hold: &Hold, who: Customer) -> Result<Result<(), Refusal>, DbError> {
    let (Some(customer), Some(most)) = (who.hash, who.most) else {
        return Ok(Ok(()));
    };
    let (checkout, code, test) = (hold.checkout_id, hold.discount_code_id, hold.test_mode);
    store::queue_customer(tx, checkout, code, &customer, test).await?;
    let uses = store::uses_of_customer(
        tx.conn(),
        tx.offset_ms(),
        checkout,
        code,
        &customer,
        test,
        Some(hold.session_id),
    )
    .await?;
    if i64::try_from(uses).unwrap_or(i64::MAX) >= i64::from(most) {
        return Ok(Err(Refusal::CustomerLimitReached));
    }
    Ok(Ok(()))
}
