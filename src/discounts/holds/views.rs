//! Uses as the merchant sees them.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{HoldPhase, ListedUse};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{HoldId, OrderId, SessionId};
use crate::kernel::money::Currency;

/// A use that was paid for.
#[derive(Serialize, ToSchema)]
#[schema(as = DiscountRedemption)]
pub struct RedemptionView {
    /// The use.
    pub id: HoldId,
    /// The order it was for.
    pub order_id: Option<OrderId>,
    /// The order's number.
    #[schema(example = 1001)]
    pub order_number: Option<i64>,
    /// The buyer's address; none once it was erased.
    #[schema(example = "buyer@example.com")]
    pub email: Option<String>,
    /// What it took off, in minor units.
    #[schema(example = 1000)]
    pub amount: Option<i64>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// Beyond the limit: the money came after the hold had lapsed and the limit was full.
    #[schema(example = false)]
    pub over_limit: bool,
    /// In test mode.
    #[schema(example = false)]
    pub test_mode: bool,
    /// When the code was applied.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it was redeemed.
    #[schema(format = DateTime, example = "2026-11-20T12:03:00.000Z")]
    pub updated_at: String,
}

impl From<ListedUse> for RedemptionView {
    fn from(row: ListedUse) -> Self {
        Self {
            id: row.id,
            order_id: row.order_id,
            order_number: row.order_number,
            email: row.email,
            amount: row.amount,
            currency: row.currency,
            over_limit: row.over_limit,
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// A use that a buyer holds at this moment.
#[derive(Serialize, ToSchema)]
#[schema(as = DiscountHold)]
pub struct HoldView {
    /// The hold.
    pub id: HoldId,
    /// The buyer's session.
    pub session_id: SessionId,
    /// The buyer's address, once they have given it.
    #[schema(example = "buyer@example.com")]
    pub email: Option<String>,
    /// `basket`: for some minutes, renewed by activity. `payment`: until payment, for hours.
    pub phase: HoldPhase,
    /// When it lapses.
    #[schema(format = DateTime, example = "2026-11-20T12:05:00.000Z")]
    pub expires_at: String,
    /// In test mode.
    #[schema(example = false)]
    pub test_mode: bool,
    /// When it was taken.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it was renewed last.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<ListedUse> for HoldView {
    fn from(row: ListedUse) -> Self {
        Self {
            id: row.id,
            session_id: row.session_id,
            email: row.email,
            phase: row.phase,
            expires_at: rfc3339(&row.expires_at),
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
