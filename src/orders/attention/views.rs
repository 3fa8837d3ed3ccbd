//! What staff send and see of orders that somebody should look at.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::text::Description;
use crate::orders::model::AttentionCode;

/// Somebody has seen to a reason.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeInput {
    /// Which reason of the order.
    #[schema(value_type = String, example = "double_payment", examples("over_limit_redemption", "double_payment", "orphan_payment", "amount_mismatch", "refund_failed", "refund_unknown", "dispute"))]
    pub code: AttentionCode,
    /// What was done about it, for colleagues.
    pub note: Description,
}

/// How many orders somebody should look at.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AttentionCountView {
    /// Orders with a reason that nobody has acknowledged.
    #[schema(example = 3, minimum = 0)]
    pub count: i64,
}
