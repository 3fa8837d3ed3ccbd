//! Gives uses back.

use super::model::{Ended, Hold, HoldState};
use super::{held, store};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, SessionId};

/// Gives back a hold that the caller has locked.
pub async fn release(tx: &Tx, hold: &Hold) -> Result<(), DbError> {
    store::end(tx, hold, HoldState::Released).await?;
    store::count_out(
        tx,
        hold.checkout_id,
        hold.discount_code_id,
        hold.test_mode,
        i64::from(hold.counted),
    )
    .await
}

/// Gives back what a session holds; returns whether it held anything.
pub async fn release_of_session(tx: &Tx, checkout: CheckoutId, session: SessionId) -> Result<bool, DbError> {
    let Some(hold) = store::lock_of_session(tx, checkout, session).await? else {
        return Ok(false);
    };
    release(tx, &hold).await?;
    Ok(true)
}

/// Ends the holds of a code in baskets, because it was switched off. Attempts to pay that have begun go on.
pub async fn release_baskets(tx: &Tx, checkout: CheckoutId, code: DiscountCodeId) -> Result<(), DbError> {
    let ended = store::release_of_code(tx, checkout, code).await?;
    count_out(tx, &ended).await
}

/// Ends what sessions hold in their baskets: the holds in one order for everybody, then their counters.
pub async fn release_baskets_of(tx: &Tx, sessions: &[(CheckoutId, SessionId)]) -> Result<(), DbError> {
    if sessions.is_empty() {
        return Ok(());
    }
    let ended = held::store::release_of_sessions(tx, sessions).await?;
    count_out(tx, &ended).await
}

/// Counts ended holds out, counter by counter in one order for everybody.
pub(super) async fn count_out(tx: &Tx, ended: &[Ended]) -> Result<(), DbError> {
    let mut counters: Vec<_> = ended
        .iter()
        .filter(|hold| hold.counted)
        .map(|hold| (hold.checkout_id, hold.discount_code_id, hold.test_mode))
        .collect();
    counters.sort();
    for group in counters.chunk_by(|a, b| a == b) {
        let (checkout, code, test_mode) = group[0];
        store::count_out(
            tx,
            checkout,
            code,
            test_mode,
            i64::try_from(group.len()).unwrap_or(i64::MAX),
        )
        .await?;
    }
    Ok(())
}
