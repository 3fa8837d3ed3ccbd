//! Whether a checkout takes orders at this moment, and if not, why.

use super::model::ClosedReason;
use super::store;
use crate::db::Conn;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Refuses when the checkout takes no orders of this mode. Asked before a session is opened and before a payment begins;
/// payments that have begun go on. Within a transaction the checkout cannot be deleted until it ends.
pub async fn require_open(conn: &Conn, checkout: CheckoutId, test_mode: bool) -> Result<(), Problem> {
    let found = store::selling(conn, checkout).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    match ClosedReason::of(found.status, found.organization_status, test_mode) {
        None => Ok(()),
        Some(reason) => Err(closed(reason)),
    }
}

/// How long a code is held without activity of its buyer, in seconds.
pub async fn hold_seconds(conn: &Conn, checkout: CheckoutId) -> Result<i32, Problem> {
    let found = store::hold_seconds(conn, checkout).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

fn closed(reason: ClosedReason) -> Problem {
    let why = match reason {
        ClosedReason::Merchant => "the merchant has closed it",
        ClosedReason::OrganizationInactive => "the merchant has not completed its activation",
        ClosedReason::Suspended => "the merchant is suspended",
    };
    Problem::new(ProblemCode::CheckoutClosed)
        .detail(why)
        .with("closed_reason", reason.as_str().into())
}
