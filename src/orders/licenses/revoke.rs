//! Takes the licenses of a line back: they hold no more, and their keys are nobody else's.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::events::EventType;
use crate::licenses::store as licenses;
use crate::licenses::tell::tell;
use crate::orders::run_action::{Bench, Work};
use crate::orders::store;

/// Marks them and tells it; what was taken back before is not told again.
pub(in crate::orders) async fn revoke(bench: &Bench, job: &Job, work: &Work) -> Result<(), DbError> {
    let Some(line) = work.begun.order_line_id else {
        return Ok(());
    };
    let (checkout, order) = (job.checkout_id, work.begun.order_id);
    bench
        .db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            store::lock(tx, checkout, order).await?.ok_or(DbError::Stale)?;
            jobs::still_ours(tx, job).await?;
            let revoked = licenses::revoke(tx, checkout, order, line).await?;
            tell(tx, checkout, EventType::LicenseRevoked, &revoked).await
        })
        .await
}
