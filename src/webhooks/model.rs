//! Rows of endpoints and deliveries.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Integer, Text, Uuid as SqlUuid};

use crate::db::schema::{deliveries, webhook_endpoints};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, DeliveryId, EventId, WebhookEndpointId};
use crate::kernel::text::Description;
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

/// A receiver of events.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = webhook_endpoints)]
pub struct Endpoint {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// Where it is.
    pub url: String,
    /// What it is for.
    pub description: Option<Description>,
    /// The types it listens to; `*` is all.
    pub events: Vec<String>,
    /// Whether it receives.
    pub active: bool,
    /// Whether it receives test events, or live ones.
    pub test_mode: bool,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = deliveries)]
pub struct Delivery {
    /// The delivery.
    pub id: DeliveryId,
    /// The event.
    pub event_id: EventId,
    /// The event's number.
    pub sequence: i64,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next.
    pub next_attempt_at: Instant,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// The beginning of the last answer.
    pub last_answer: Option<String>,
    /// How long the last attempt took.
    pub last_duration_ms: Option<i32>,
    /// When it was tried last.
    pub last_attempt_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A claimed delivery with all that sending it needs.
#[derive(Clone, Debug, QueryableByName)]
pub struct Claimed {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The delivery.
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    /// The event.
    #[diesel(sql_type = SqlUuid)]
    pub event_id: EventId,
    /// The endpoint.
    #[diesel(sql_type = SqlUuid)]
    pub endpoint_id: WebhookEndpointId,
    /// The fence: one more at each claim.
    #[diesel(sql_type = Integer)]
    pub generation: i32,
    /// How often it was claimed, this time included.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// Where to.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// The endpoint's secret, sealed.
    #[diesel(sql_type = Binary)]
    pub secret_sealed: Vec<u8>,
}

/// An event that has just been numbered, and an endpoint that listens to it.
#[derive(Clone, Debug, QueryableByName)]
pub struct Match {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The event.
    #[diesel(sql_type = SqlUuid)]
    pub event_id: EventId,
    /// The object it speaks of.
    #[diesel(sql_type = SqlUuid)]
    pub object_id: uuid::Uuid,
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub sequence: i64,
    /// The endpoint; empty when none listens.
    #[diesel(sql_type = diesel::sql_types::Nullable<SqlUuid>)]
    pub endpoint_id: Option<WebhookEndpointId>,
}
