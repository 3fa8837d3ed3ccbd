//! Back to the basket: the open attempt is closed, the order stays, and the code is held as in a basket again.

use crate::db::Tx;
use crate::discounts::holds::held::store as held;
use crate::discounts::holds::renew::to_basket;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::orders::revise::reopen;
use crate::orders::store as orders;
use crate::sessions::basket::change::finish;
use crate::sessions::model::SessionStatus;
use crate::sessions::quote::Quoted;
use crate::sessions::store;

/// Opens a confirmed session again, as long as its order is not paid. An open one stays as it is.
pub async fn resume(tx: &mut Tx, keys: &Keyring, checkout: CheckoutId, id: SessionId) -> Result<Quoted, Problem> {
    let mut session = store::lock(tx, checkout, id)
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let closed = || Problem::new(ProblemCode::SessionClosed);
    match (session.status, session.order_id) {
        (SessionStatus::Open, _) => {}
        (SessionStatus::Confirmed, Some(order)) => {
            let order = orders::lock(tx, checkout, order).await?.ok_or_else(closed)?;
            reopen(tx, checkout, &order).await?.ok_or_else(closed)?;
            if let Some(held) = held::lock(tx, checkout, id, session.currency).await?
                && held.in_force
            {
                session.discount_code = Some(held.terms.code.clone());
                let seconds = crate::checkouts::selling::hold_seconds(tx.conn(), checkout).await?;
                to_basket(tx, &held.hold, i64::from(seconds) * 1000).await?;
            }
        }
        _ => return Err(closed()),
    }
    session.status = SessionStatus::Open;
    finish(tx, keys, checkout, session).await
}
