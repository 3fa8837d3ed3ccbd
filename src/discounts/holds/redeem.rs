//! Makes a use permanent: the order is paid.

use super::model::HoldState;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderId, SessionId};
use crate::kernel::money::Currency;

/// How a use was redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The session had no code.
    None,
    /// Within the limit.
    Within,
    /// Beyond it: the hold had lapsed and the limit was full, but the money was taken.
    OverLimit,
}

/// Redeems what a session holds, or held when the money was on its way. Money already taken is honoured, whatever the limit says.
pub async fn redeem(
    tx: &mut Tx,
    checkout: CheckoutId,
    session: SessionId,
    order: OrderId,
    amount: i64,
    currency: Currency,
) -> Result<Redeemed, DbError> {
    let Some(hold) = store::lock_latest(tx, checkout, session).await? else {
        return Ok(Redeemed::None);
    };
    match hold.state {
        HoldState::Redeemed => Ok(Redeemed::Within),
        HoldState::Held => {
            store::redeem(tx, &hold, order, amount, currency, false).await?;
            if hold.counted {
                store::count_redeemed(tx, &hold).await?;
            }
            Ok(Redeemed::Within)
        }
        HoldState::Released | HoldState::Lapsed => {
            let over_limit = !store::count_late(tx, &hold, 0, false).await? && !late(tx, &hold).await?;
            if over_limit {
                store::count_late(tx, &hold, 0, true).await?;
            }
            store::redeem(tx, &hold, order, amount, currency, over_limit).await?;
            Ok(if over_limit {
                Redeemed::OverLimit
            } else {
                Redeemed::Within
            })
        }
    }
}

/// Once more, after overdue holds have ended.
async fn late(tx: &mut Tx, hold: &super::model::Hold) -> Result<bool, DbError> {
    let ended = store::lapse_of_code(tx, hold.checkout_id, hold.discount_code_id, hold.test_mode).await?;
    let freed = i64::try_from(ended.iter().filter(|ended| ended.counted).count()).unwrap_or(i64::MAX);
    if store::count_late(tx, hold, freed, false).await? {
        return Ok(true);
    }
    store::count_out(tx, hold.checkout_id, hold.discount_code_id, hold.test_mode, freed).await?;
    Ok(false)
}
