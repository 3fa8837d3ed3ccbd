//! What buyers' pages send and see of a code.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::discounts::holds::held::model::HeldCode;
use crate::discounts::holds::model::{HoldPhase, HoldState};
use crate::kernel::clock::rfc3339;
use crate::kernel::code_text::CodeText;
use crate::kernel::ids::LineId;

/// A code that the buyer has.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscountInput {
    /// As the buyer types it: letter case and spaces around it do not matter.
    pub code: CodeText,
}

/// The code of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SessionDiscount)]
pub struct SessionDiscountView {
    /// The code as the merchant wrote it.
    pub code: CodeText,
    /// `held`: one use of it is this buyer's until `expires_at`; `redeemed`: the order is paid; `lapsed`: the order was not paid in
    /// time, and another attempt takes a use again, if there is one.
    #[schema(value_type = String, example = "held", examples("held", "redeemed", "lapsed"))]
    pub state: HoldState,
    /// What it takes off, in minor units.
    #[schema(example = 390)]
    pub amount: i64,
    /// What it takes off as people read it.
    #[schema(example = "€3.90")]
    pub amount_formatted: String,
    /// The share of each line that it takes something off.
    pub allocations: Vec<AllocationView>,
    /// When the hold lapses without activity of the buyer.
    #[schema(format = DateTime, example = "2026-11-20T12:05:00.000Z")]
    pub expires_at: String,
    /// How often a page should call `heartbeat` while the buyer is there; empty when the hold waits for the payment.
    #[schema(example = 100)]
    pub renew_after_seconds: Option<i32>,
}

/// What a code takes off one line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DiscountAllocation)]
pub struct AllocationView {
    /// The line.
    pub line_id: LineId,
    /// In minor units.
    #[schema(example = 390)]
    pub amount: i64,
}

impl SessionDiscountView {
    /// The code that a session holds, and what it takes off which line.
    pub(in crate::sessions) fn of(
        held: HeldCode,
        hold_seconds: i32,
        allocations: Vec<AllocationView>,
        written: &dyn Fn(i64) -> String,
    ) -> Self {
        let amount = allocations.iter().map(|allocation| allocation.amount).sum();
        let renewed = held.hold.phase == HoldPhase::Basket && held.hold.state == HoldState::Held;
        Self {
            code: held.terms.code,
            state: held.hold.state,
            amount,
            amount_formatted: written(amount),
            allocations,
            expires_at: rfc3339(&held.hold.expires_at),
            // A third of the time, so that two calls may fail.
            renew_after_seconds: renewed.then_some(hold_seconds / 3),
        }
    }
}
