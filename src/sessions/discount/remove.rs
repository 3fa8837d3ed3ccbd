//! Takes the code off a session; its use is free at once.

use super::super::basket::change::{finish, lock_open};
use crate::db::Tx;
use crate::discounts::holds::release::release_of_session;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::links::options::Prefilled;

/// Removing what is not there changes nothing.
pub async fn remove(tx: &mut Tx, keys: &Keyring, checkout: CheckoutId, id: SessionId) -> Result<(), Problem> {
    let mut session = lock_open(tx, checkout, id).await?;
    if session.discount_code.is_none() {
        return Ok(());
    }
    if session.locks(Prefilled::DiscountCode) {
        return Err(Problem::new(ProblemCode::ImpossibleTransition).detail("the merchant has fixed the code"));
    }
    session.discount_code = None;
    finish(tx, keys, checkout, session).await?;
    release_of_session(tx, checkout, id).await?;
    Ok(())
}
