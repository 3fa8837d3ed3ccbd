//! An event as the feed and the webhooks show it: one shape for both.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::EventRow;
use super::registry::{EventType, ObjectType};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, EventId, LicenseId, OrderId, RefundId, SessionId};

/// A fact: what happened to which object, and the object as it was then.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// The event's id: the same at every delivery, so receivers can drop duplicates.
    pub id: EventId,
    /// The event's place in the checkout's log: ascending, without gaps.
    #[schema(example = 42, minimum = 1)]
    pub sequence: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "order.created", examples("order.created", "payment.succeeded"))]
    pub event_type: EventType,
    /// The version of the object after it: of two events of one object the higher one is newer.
    #[schema(example = 1, minimum = 1)]
    pub object_version: i32,
    /// When it became true.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub occurred_at: String,
    /// The version of `data`.
    #[schema(example = "v1")]
    pub api_version: String,
    /// Whether it happened in test mode.
    pub test_mode: bool,
    /// The checkout it happened in.
    pub checkout_id: CheckoutId,
    /// Which object.
    pub object: EventObject,
    /// The object as the API showed it then.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Which object an event speaks of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventObject {
    /// What kind of object.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "order")]
    pub object_type: ObjectType,
    /// Its id.
    #[schema(example = "ord_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub id: String,
}

impl EventView {
    /// The view of a row of this checkout.
    pub fn of(checkout: CheckoutId, row: EventRow) -> Self {
        let id = match row.object_type {
            ObjectType::Order => OrderId::from_uuid(row.object_id).to_string(),
            ObjectType::License => LicenseId::from_uuid(row.object_id).to_string(),
            ObjectType::Refund => RefundId::from_uuid(row.object_id).to_string(),
            ObjectType::CheckoutSession => SessionId::from_uuid(row.object_id).to_string(),
            ObjectType::Checkout => CheckoutId::from_uuid(row.object_id).to_string(),
            ObjectType::DiscountCode => DiscountCodeId::from_uuid(row.object_id).to_string(),
        };
        Self {
            id: row.id,
            sequence: row.sequence.unwrap_or_default(),
            event_type: row.event_type,
            object_version: row.object_version,
            occurred_at: rfc3339(&row.occurred_at),
            api_version: row.api_version,
            test_mode: row.test_mode,
            checkout_id: checkout,
            object: EventObject {
                object_type: row.object_type,
                id,
            },
            data: row.data,
        }
    }
}

/// A page of the event log, oldest first.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// The events of this page, ascending by `sequence`.
    pub data: Vec<EventView>,
    /// Whether there are more after the last one.
    pub has_more: bool,
    /// What `after` or `cursor` takes to get them: the `sequence` of the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "61")]
    pub next_cursor: Option<String>,
}
