//! What staff send who cancel an order, and what the log keeps of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::ids::OrderId;
use crate::kernel::text::Name;
use crate::orders::model::{Order, OrderPaymentStatus, OrderStatus};

/// Why an order is cancelled.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelInput {
    /// For colleagues: the order's `deletion_note`. Say nothing of the buyer here, it outlives their data.
    pub reason: Name,
}

/// What the log keeps of an order that is cancelled: nothing of its buyer, for the log outlives their data.
#[derive(Clone, Debug, Serialize)]
pub struct OrderBefore {
    id: OrderId,
    number: i64,
    status: OrderStatus,
    payment_status: OrderPaymentStatus,
    revision: i32,
}

impl From<&Order> for OrderBefore {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id,
            number: order.number,
            status: order.status,
            payment_status: order.payment_status,
            revision: order.revision,
        }
    }
}
