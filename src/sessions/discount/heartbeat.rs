//! Keeps the hold of a buyer who is there and changes nothing.

use super::super::model::SessionStatus;
use super::super::store as sessions;
use super::keep::customer;
use crate::db::Tx;
use crate::discounts::holds::held::store as held;
use crate::discounts::holds::renew::{Timer, renew};
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;

/// Renews the short hold of an open session. What cannot be renewed stays as it is: the next read or change says so.
pub async fn heartbeat(tx: &mut Tx, keys: &Keyring, checkout: CheckoutId, id: SessionId) -> Result<(), Problem> {
    let session = sessions::lock(tx, checkout, id)
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    match session.status {
        SessionStatus::Open => {}
        // The long hold needs no heartbeat; a page that is late with one does no harm.
        SessionStatus::Confirmed => return Ok(()),
        SessionStatus::Completed | SessionStatus::Expired => return Err(Problem::new(ProblemCode::SessionClosed)),
    }
    if session.discount_code.is_none() {
        return Ok(());
    }
    let found = held::lock(tx, checkout, id, session.currency).await?;
    let Some(found) = found.filter(|held| held.in_force) else {
        return Ok(());
    };
    let seconds = crate::checkouts::selling::hold_seconds(tx.conn(), checkout).await?;
    let customer = customer(keys, checkout, &session, &found.terms);
    renew(tx, &found.hold, Timer::Basket(i64::from(seconds) * 1000), customer).await?;
    Ok(())
}
