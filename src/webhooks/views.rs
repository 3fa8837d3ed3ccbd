//! What clients send and see of endpoints and deliveries.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{Delivery, DeliveryStatus, Endpoint};
use crate::events::EventType;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{DeliveryId, EventId, WebhookEndpointId};
use crate::kernel::text::{Description, Metadata};

/// A new endpoint.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointInput {
    /// Where events are sent; https, and an address of the public internet.
    #[validate(length(min = 1, max = 2048, message = "must have 1 to 2048 characters"))]
    #[schema(
        format = "uri",
        min_length = 1,
        max_length = 2048,
        example = "https://shop.example.com/hooks"
    )]
    pub url: String,
    /// What it is for.
    pub description: Option<Description>,
    /// The types it listens to; `*` is all.
    #[validate(
        length(min = 1, max = 50, message = "must have 1 to 50 types"),
        custom(function = "known_types")
    )]
    #[schema(min_items = 1, max_items = 50, example = json!(["order.created", "order.completed"]))]
    pub events: Vec<String>,
    /// Whether it receives test events, or live ones.
    #[serde(default)]
    #[schema(default = false)]
    pub test_mode: bool,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

fn known_types(types: &[String]) -> Result<(), ValidationError> {
    match types
        .iter()
        .find(|word| *word != "*" && word.parse::<EventType>().is_err())
    {
        None => Ok(()),
        Some(_) => {
            let known = EventType::ALL.join(", ");
            Err(ValidationError::new("unknown_event_type")
                .with_message(format!("each must be `*` or one of: {known}").into()))
        }
    }
}

/// A receiver of events.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct EndpointView {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// Where events are sent.
    #[schema(format = "uri", example = "https://shop.example.com/hooks")]
    pub url: String,
    /// What it is for.
    pub description: Option<Description>,
    /// The types it listens to.
    #[schema(example = json!(["*"]))]
    pub events: Vec<String>,
    /// Whether it receives.
    pub active: bool,
    /// Whether it receives test events, or live ones.
    pub test_mode: bool,
    /// What deliveries are signed with (Standard Webhooks). Shown when the endpoint is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl EndpointView {
    /// The view with the secret, for the only time.
    pub fn with_secret(row: Endpoint, secret: String) -> Self {
        Self {
            secret: Some(secret),
            ..row.into()
        }
    }
}

impl From<Endpoint> for EndpointView {
    fn from(row: Endpoint) -> Self {
        Self {
            id: row.id,
            url: row.url,
            description: row.description,
            events: row.events,
            active: row.active,
            test_mode: row.test_mode,
            secret: None,
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// The delivery.
    pub id: DeliveryId,
    /// The event.
    pub event_id: EventId,
    /// The event's number.
    #[schema(example = 42)]
    pub sequence: i64,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was tried.
    #[schema(example = 1)]
    pub attempts: i32,
    /// When it is tried next, while it is pending.
    #[schema(format = DateTime, example = "2026-11-20T12:00:05.000Z")]
    pub next_attempt_at: Option<String>,
    /// The status of the last answer.
    #[schema(example = 204)]
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    #[schema(example = "answered 500")]
    pub last_error: Option<String>,
    /// The beginning of the last answer, at most 2 KB.
    #[schema(example = "ok")]
    pub last_answer: Option<String>,
    /// How long the last attempt took, in milliseconds.
    #[schema(example = 87)]
    pub last_duration_ms: Option<i32>,
    /// When it was tried last.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub last_attempt_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<Delivery> for DeliveryView {
    fn from(row: Delivery) -> Self {
        let pending = row.status == DeliveryStatus::Pending;
        Self {
            id: row.id,
            event_id: row.event_id,
            sequence: row.sequence,
            status: row.status,
            attempts: row.attempts,
            next_attempt_at: pending.then(|| rfc3339(&row.next_attempt_at)),
            last_status: row.last_status,
            last_error: row.last_error,
            last_answer: row.last_answer,
            last_duration_ms: row.last_duration_ms,
            last_attempt_at: row.last_attempt_at.as_ref().map(rfc3339),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
