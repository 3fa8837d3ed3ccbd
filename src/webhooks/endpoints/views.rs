//! What clients send and see of endpoints.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{DisabledReason, Endpoint};
use crate::events::EventType;
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, EventId, WebhookEndpointId};
use crate::kernel::patch::{Patch, present};
use crate::kernel::places::each;
use crate::kernel::text::{Description, Metadata};
use crate::webhooks::queues::model::Statistics;

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
    /// Whether it receives (default true).
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
    /// Whether it receives test events, or live ones.
    #[serde(default)]
    #[schema(default = false)]
    pub test_mode: bool,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

fn yes() -> bool {
    true
}

fn known_types(types: &[String]) -> Result<(), ValidationError> {
    each(types, |word| {
        if word == "*" || word.parse::<EventType>().is_ok() {
            return Ok(());
        }
        let known = EventType::ALL.join(", ");
        Err(ValidationError::new("unknown_event_type").with_message(format!("must be `*` or one of: {known}").into()))
    })
}

/// A change of an endpoint (JSON Merge Patch).
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointPatch {
    /// Where events are sent; the secret stays.
    #[serde(default, deserialize_with = "present")]
    #[validate(length(min = 1, max = 2048, message = "must have 1 to 2048 characters"))]
    #[schema(
        value_type = String,
        required = false,
        format = "uri",
        min_length = 1,
        max_length = 2048,
        example = "https://shop.example.com/hooks"
    )]
    pub url: Option<String>,
    /// What it is for; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub description: Patch<Description>,
    /// The types it listens to, replaced whole: from the next event on.
    #[serde(default, deserialize_with = "present")]
    #[validate(
        length(min = 1, max = 50, message = "must have 1 to 50 types"),
        custom(function = "known_types")
    )]
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 50, example = json!(["*"]))]
    pub events: Option<Vec<String>>,
    /// Whether it receives.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pub active: Option<bool>,
    /// Whether it receives test events, or live ones: from the next event on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pub test_mode: Option<bool>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
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
    /// Why it does not.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when it does not.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub disabled_at: Option<String>,
    /// Whether it receives test events, or live ones.
    pub test_mode: bool,
    /// What deliveries are signed with (Standard Webhooks). Shown when the endpoint is made or its secret is changed, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
    /// Until when deliveries are signed with the secret before this one as well.
    #[schema(format = DateTime, example = "2026-11-21T12:00:00.000Z")]
    pub previous_secret_expires_at: Option<String>,
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
            disabled_reason: row.disabled_reason,
            disabled_at: row.disabled_at.as_ref().map(rfc3339),
            test_mode: row.test_mode,
            secret: None,
            previous_secret_expires_at: row.previous_secret_until.as_ref().map(rfc3339),
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// How an endpoint does.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpointStatistics)]
pub struct StatisticsView {
    /// Deliveries to be tried, now or later.
    #[schema(example = 3)]
    pub pending: i64,
    /// Deliveries received, of those that are kept: 30 days.
    #[schema(example = 1207)]
    pub succeeded: i64,
    /// Deliveries given up, of those that are kept: 30 days.
    #[schema(example = 2)]
    pub failed: i64,
    /// Since when every attempt has failed. After five days the endpoint is disabled.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub failing_since: Option<String>,
    /// When an attempt succeeded last.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub last_success_at: Option<String>,
    /// When an attempt failed last.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub last_failure_at: Option<String>,
}

impl From<Statistics> for StatisticsView {
    fn from(row: Statistics) -> Self {
        Self {
            pending: row.pending,
            succeeded: row.succeeded,
            failed: row.failed,
            failing_since: row.failing_since.as_ref().map(rfc3339),
            last_success_at: row.last_success_at.as_ref().map(rfc3339),
            last_failure_at: row.last_failure_at.as_ref().map(rfc3339),
        }
    }
}

/// What came of a test.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookTest)]
pub struct TestView {
    /// The id that the test was sent under.
    pub event_id: EventId,
    /// Whether the answer was a 2xx.
    pub delivered: bool,
    /// The status of the answer.
    #[schema(example = 204)]
    pub status: Option<u16>,
    /// Why it failed: `answered …`, or the reason why there was no answer, its code first.
    #[schema(example = "refused_address: the address is not public (loopback address)")]
    pub error: Option<String>,
    /// The beginning of the answer, at most 2 KB.
    #[schema(example = "ok")]
    pub answer: Option<String>,
    /// How long it took, in milliseconds.
    #[schema(example = 87)]
    pub duration_ms: i32,
}

/// What a test sends: like an event, with no place in the log.
#[derive(Clone, Debug, Serialize)]
pub struct TestEventView {
    /// The id of this test.
    pub id: EventId,
    /// `webhook_endpoint.test`.
    #[serde(rename = "type")]
    pub event_type: &'static str,
    /// When it was sent.
    pub occurred_at: String,
    /// The version of `data`.
    pub api_version: &'static str,
    /// Whether the endpoint receives test events.
    pub test_mode: bool,
    /// The checkout.
    pub checkout_id: CheckoutId,
    /// The endpoint.
    pub object: TestObject,
    /// The endpoint as the API shows it.
    pub data: EndpointView,
}

/// What a test speaks of.
#[derive(Clone, Debug, Serialize)]
pub struct TestObject {
    /// `webhook_endpoint`.
    #[serde(rename = "type")]
    pub object_type: &'static str,
    /// Its id.
    pub id: WebhookEndpointId,
}
