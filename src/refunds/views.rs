//! What staff send who give money back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::ids::{LineId, RefundId};
use crate::kernel::text::{Description, Metadata};
use crate::orders::views::OrderView;
use crate::payments::refunds::model::RefundReason;
use crate::payments::refunds::views::RefundView;

fn yes() -> bool {
    true
}

/// A part of a refund.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundLineInput {
    /// The line of the order.
    pub order_line_id: LineId,
    /// Gross, in minor units; at most the line's `refundable_amount`. 0 only to take away the access to a line that is refunded in full.
    #[validate(range(min = 0, max = 99_999_999_999_i64, message = "must be 0 to 99 999 999 999"))]
    #[schema(minimum = 0, maximum = 99_999_999_999_i64, example = 1900)]
    pub amount: i64,
    /// Take away the access to it: only with what makes the line refunded in full.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub remove_access: bool,
}

/// Money to be given back.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundInput {
    /// How much of which line; each line once.
    #[validate(length(min = 1, max = 200, message = "must have 1 to 200 lines"), nested)]
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Vec<RefundLineInput>,
    /// Ask the payment provider to send the money. Without, the refund is recorded in the order's data and nothing is sent.
    #[serde(default = "yes")]
    #[schema(default = true, example = true)]
    pub refund_payment: bool,
    /// Take away what the offer gave access to: only where `can_remove_offer_access` of the order says so.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub remove_offer_access: bool,
    /// Why.
    #[schema(value_type = Option<String>, required = false, example = "requested_by_customer", examples("requested_by_customer", "duplicate", "fraudulent", "other"))]
    pub reason: Option<RefundReason>,
    /// More about why, for colleagues.
    pub comment: Option<Description>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// Money to be given back that belongs to no order as it stands.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentRefundInput {
    /// How much, in minor units; all that is unallocated when absent.
    #[validate(range(min = 1, max = 99_999_999_999_i64, message = "must be 1 to 99 999 999 999"))]
    #[schema(minimum = 1, maximum = 99_999_999_999_i64, example = 3900)]
    pub amount: Option<i64>,
    /// Why.
    #[schema(value_type = String, example = "duplicate", examples("requested_by_customer", "duplicate", "fraudulent", "other"))]
    pub reason: RefundReason,
    /// More about why, for colleagues.
    pub comment: Option<Description>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// How an order is completed by hand.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteInput {
    /// Run every action again, a running one aside.
    #[serde(default = "yes")]
    #[schema(default = true, example = true)]
    pub run_actions: bool,
    /// Run those that failed with their latest configuration, for good: only if one failed.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub use_latest_configuration: bool,
    /// Make recorded refunds void: only with a refund history. Money that a provider returned stays refunded.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub restore_refunded: bool,
}

/// An order that was completed by hand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompletedOrderView {
    /// The order.
    #[serde(flatten)]
    pub order: OrderView,
    /// Refunds that stay: their money was returned, or is on its way.
    pub not_restored: Vec<RefundId>,
}

/// The refunds of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderRefundsView {
    /// Oldest first.
    pub data: Vec<RefundView>,
    /// Whether there are more after the last one.
    #[schema(example = false)]
    pub has_more: bool,
    /// What `cursor` takes to get them; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "AZNQ3mGfTqKb0l8V")]
    pub next_cursor: Option<String>,
}
