//! What staff send who mark a payment as paid.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::ids::PaymentId;
use crate::kernel::moment::Moment;
use crate::kernel::text::Label;
use crate::payments::model::{Payment, PaymentStatus};

/// Money that somebody has seen.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkPaidInput {
    /// How much came with this transfer, in minor units of the payment's currency.
    #[validate(range(min = 1, max = 99_999_999_999_i64, message = "must be 1 to 99999999999"))]
    #[schema(minimum = 1, maximum = 99_999_999_999_i64, example = 3900)]
    pub amount: i64,
    /// When it came; now when absent.
    #[serde(default)]
    pub paid_at: Option<Moment>,
    /// What the bank calls it: tells it apart from other transfers of the same amount.
    #[serde(default)]
    pub reference: Option<Label>,
}

/// What the log keeps of a payment that is marked.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentBefore {
    id: PaymentId,
    status: PaymentStatus,
    received_amount: Option<i64>,
    allocated_amount: i64,
}

impl From<&Payment> for PaymentBefore {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id,
            status: payment.status,
            received_amount: payment.received_amount,
            allocated_amount: payment.allocated_amount,
        }
    }
}
