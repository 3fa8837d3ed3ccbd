//! `If-Match` on the writes of a session: a page in another tab must not change what this one has not seen.

use super::read::read;
use super::store;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::policy::BuyerScope;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;

/// Refuses with 412 unless the session, as a read would show it now, is the one that `If-Match` names. The session stays locked, so what
/// follows in the transaction changes that one.
pub(super) async fn check(tx: &Tx, keys: &Keyring, scope: BuyerScope, if_match: Option<&str>) -> Result<(), Problem> {
    if if_match.is_none() {
        return Ok(());
    }
    store::lock(tx, scope.checkout, scope.session)
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let shown = read(tx.conn(), tx.clock(), keys, scope.checkout, scope.session).await?;
    check_precondition(if_match, &shown)
}
