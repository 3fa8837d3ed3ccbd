//! What clients send and see of deliveries.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{Delivery, DeliveryAttempt, DeliveryStatus};
use crate::events::EventType;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{DeliveryId, EventId};
use crate::kernel::moment::Moment;
use crate::kernel::places::each;

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
    /// Whether it waits for an earlier event of the same object.
    pub blocked: bool,
    /// Whether it has been tried for so long (15 minutes) that later events of the same object do not wait for it any more.
    pub overtaken: bool,
    /// How often it was tried.
    #[schema(example = 1)]
    pub attempt_count: i32,
    /// When it is tried next, while it is pending.
    #[schema(format = DateTime, example = "2026-11-20T12:00:05.000Z")]
    pub next_attempt_at: Option<String>,
    /// The status of the last answer.
    #[schema(example = 204)]
    pub last_status: Option<i32>,
    /// Why the last attempt failed: `answered …`, or the reason why there was no answer, its code first.
    #[schema(example = "answered 500")]
    pub last_error: Option<String>,
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
            blocked: pending && row.blocked,
            overtaken: row.overtaken,
            attempt_count: row.attempts,
            next_attempt_at: (pending && !row.blocked).then(|| rfc3339(&row.next_attempt_at)),
            last_status: row.last_status,
            last_error: row.last_error,
            last_duration_ms: row.last_duration_ms,
            last_attempt_at: row.last_attempt_at.as_ref().map(rfc3339),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// A delivery with its attempts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DeliveryDetail)]
pub struct DeliveryDetailView {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// Its attempts, the last hundred, newest first.
    pub attempts: Vec<AttemptView>,
}

impl DeliveryDetailView {
    /// The view of a delivery and its attempts.
    pub fn of(delivery: Delivery, attempts: Vec<DeliveryAttempt>) -> Self {
        Self {
            delivery: delivery.into(),
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

/// One request of a delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct AttemptView {
    /// Which one: from 1, also over replays. A number is missing when nobody knows how the attempt ended.
    #[schema(example = 1, minimum = 1)]
    pub number: i32,
    /// When it began.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub attempted_at: String,
    /// How long it took, in milliseconds.
    #[schema(example = 87)]
    pub duration_ms: i32,
    /// The status of the answer.
    #[schema(example = 500)]
    pub status: Option<i32>,
    /// Why it failed.
    #[schema(example = "answered 500")]
    pub error: Option<String>,
    /// The beginning of the answer, at most 2 KB.
    #[schema(example = "out of order")]
    pub answer: Option<String>,
}

impl From<DeliveryAttempt> for AttemptView {
    fn from(row: DeliveryAttempt) -> Self {
        Self {
            number: row.number,
            attempted_at: rfc3339(&row.attempted_at),
            duration_ms: row.duration_ms,
            status: row.status,
            error: row.error,
            answer: row.answer,
        }
    }
}

/// Which events are delivered again. All that the endpoint listens to, unless narrowed.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayInput {
    /// What happened then or later.
    pub since: Option<Moment>,
    /// What happened before then.
    pub until: Option<Moment>,
    /// From this number on.
    #[validate(range(min = 1, message = "must be 1 or more"))]
    #[schema(minimum = 1, example = 42)]
    pub from_sequence: Option<i64>,
    /// Of these types.
    #[serde(default)]
    #[validate(
        length(max = 50, message = "must have at most 50 types"),
        custom(function = "known_types")
    )]
    #[schema(max_items = 50, example = json!(["order.completed"]))]
    pub types: Vec<String>,
    /// Only what has been given up (default false).
    #[serde(default)]
    #[schema(default = false)]
    pub only_failed: bool,
}

fn known_types(types: &[String]) -> Result<(), ValidationError> {
    each(types, |word| {
        if word.parse::<EventType>().is_ok() {
            return Ok(());
        }
        let known = EventType::ALL.join(", ");
        Err(ValidationError::new("unknown_event_type").with_message(format!("must be one of: {known}").into()))
    })
}

/// What a replay does.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReplayView {
    /// How many deliveries are queued. What is pending already is not counted.
    #[schema(example = 17, minimum = 0)]
    pub queued: i64,
}
