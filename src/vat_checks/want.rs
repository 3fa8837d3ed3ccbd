//! Has a number asked about, once.

use super::model::VatCheck;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::jobs::{self, JobKind};
use crate::kernel::ids::CheckoutId;
use crate::kernel::vat_number::VatNumber;

/// How long a check that is under way keeps others from being begun: longer than it goes on asking.
pub(super) const PATIENCE_MS: i64 = 2 * 24 * 3_600_000;

/// Enqueues the question with the transaction, unless what is known of the number says that there is no need.
pub async fn want(tx: &Tx, checkout: CheckoutId, number: &VatNumber, known: Option<&VatCheck>) -> Result<(), DbError> {
    if known.is_some_and(|check| !check.due) {
        return Ok(());
    }
    match store::begin(tx, checkout, number, PATIENCE_MS).await? {
        Some(begun) => jobs::enqueue(tx, checkout, JobKind::CheckVatNumber, begun.id.uuid(), 0).await,
        None => Ok(()),
    }
}
