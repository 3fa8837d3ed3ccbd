//! Makes a use permanent: the order is paid.

use super::model::{Counted, Hold, HoldState};
use super::release::release;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, OrderId, SessionId};
use crate::kernel::money::Currency;

/// How a use was redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It was not: there is no code, or this was done before.
    None,
    /// Within the limit.
    Within,
    /// Within the limit, and it was the last use that there is: the so manieth.
    Last(i64),
    /// Beyond it: the hold had lapsed and the limit was full, but the money was taken.
    OverLimit,
}

/// A paid order, as far as its code is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The session it came from.
    pub session: SessionId,
    /// The order.
    pub order: OrderId,
    /// The code that was agreed on, if any.
    pub code: Option<DiscountCodeId>,
    /// What it took off.
    pub amount: i64,
    /// In which currency.
    pub currency: Currency,
}

/// Redeems what a session holds, or held when the money was on its way. Money already taken is honoured, whatever the limit says.
/// A hold of another code, taken after the paid revision was confirmed, is given back.
pub async fn redeem(tx: &Tx, paid: Paid) -> Result<Redeemed, DbError> {
    let held = store::lock_of_session(tx, paid.checkout, paid.session).await?;
    if let Some(other) = held.filter(|hold| Some(hold.discount_code_id) != paid.code) {
        release(tx, &other).await?;
    }
    let Some(code) = paid.code else {
        return Ok(Redeemed::None);
    };
    let Some(hold) = store::lock_latest(tx, paid.checkout, paid.session, code).await? else {
        return Ok(Redeemed::None);
    };
    match hold.state {
        HoldState::Redeemed => Ok(Redeemed::None),
        HoldState::Held => {
            store::redeem(tx, &hold, paid, false).await?;
            if !hold.counted {
                return Ok(Redeemed::Within);
            }
            Ok(within(&store::count_redeemed(tx, &hold).await?))
        }
        HoldState::Released | HoldState::Lapsed => {
            let counted = match store::count_late(tx, &hold, 0, false).await? {
                Some(counted) => Some(counted),
                None => late(tx, &hold).await?,
            };
            if counted.is_none() {
                store::count_late(tx, &hold, 0, true).await?;
            }
            store::redeem(tx, &hold, paid, counted.is_none()).await?;
            Ok(counted.as_ref().map_or(Redeemed::OverLimit, within))
        }
    }
}

fn within(counted: &Counted) -> Redeemed {
    if counted.last {
        Redeemed::Last(counted.redeemed)
    } else {
        Redeemed::Within
    }
}

/// Once more, after overdue holds have ended.
async fn late(tx: &Tx, hold: &Hold) -> Result<Option<Counted>, DbError> {
    let ended = store::lapse_of_code(tx, hold.checkout_id, hold.discount_code_id, hold.test_mode).await?;
    let freed = i64::try_from(ended.iter().filter(|ended| ended.counted).count()).unwrap_or(i64::MAX);
    let counted = store::count_late(tx, hold, freed, false).await?;
    if counted.is_none() {
        store::count_out(tx, hold.checkout_id, hold.discount_code_id, hold.test_mode, freed).await?;
    }
    Ok(counted)
}
