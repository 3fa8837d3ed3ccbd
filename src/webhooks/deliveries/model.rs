//! Rows of deliveries and their attempts.

use diesel::QueryableByName;

use crate::db::schema::{deliveries, delivery_attempts};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{DeliveryId, EventId};
use crate::word_enum;

word_enum! {
    /// Where a delivery stands.
    pub enum DeliveryStatus in "deliveries.status" {
        /// To be tried, now or later.
        Pending = "pending",
        /// Received.
        Succeeded = "succeeded",
        /// Given up.
        Failed = "failed",
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = deliveries)]
pub struct Delivery {
    /// The delivery.
    pub id: DeliveryId,
    /// The event.
    pub event_id: EventId,
    /// The object that the event speaks of.
    pub object_id: uuid::Uuid,
    /// The event's number.
    pub sequence: i64,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Whether it waits for an earlier event of its object.
    pub blocked: bool,
    /// Whether later events of its object do not wait for it any more.
    pub overtaken: bool,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next.
    pub next_attempt_at: Instant,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// How long the last attempt took.
    pub last_duration_ms: Option<i32>,
    /// When it was tried last.
    pub last_attempt_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// One request of a delivery.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = delivery_attempts)]
pub struct DeliveryAttempt {
    /// Which one: from 1. Numbers of attempts whose worker died are missing.
    pub number: i32,
    /// When it began.
    pub attempted_at: Instant,
    /// How long it took.
    pub duration_ms: i32,
    /// The status of the answer.
    pub status: Option<i32>,
    /// Why it failed.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<String>,
}
