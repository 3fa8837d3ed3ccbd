//! Orders that wait for keys or for a person.

use super::raise::end;
use crate::actions::model::WaitingFor;
use crate::actions::store as runs;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::orders::model::AttentionCode;

/// Why a person should look at an order that waits for this.
pub(in crate::orders) const fn reason(waiting_for: WaitingFor) -> AttentionCode {
    match waiting_for {
        WaitingFor::LicenseKeys => AttentionCode::LicensePoolEmpty,
        WaitingFor::ManualDelivery => AttentionCode::ManualDeliveryDue,
    }
}

/// What no run of the order waits for any more is no reason to look at it. The caller holds the order's lock.
pub async fn settle_waiting(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    let all = runs::of_order(tx.conn(), checkout, order).await?;
    for waiting_for in [WaitingFor::LicenseKeys, WaitingFor::ManualDelivery] {
        if !all.iter().any(|run| run.waiting_for == Some(waiting_for)) {
            end(tx, checkout, order, reason(waiting_for)).await?;
        }
    }
    Ok(())
}
