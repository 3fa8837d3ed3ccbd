//! A timeline as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::Entry;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{ApiKeyId, UserId};

/// What happened to an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderTimeline)]
pub struct TimelineView {
    /// Oldest first; the first thousand.
    pub data: Vec<TimelineEntry>,
    /// Whether there are more after the last one.
    #[schema(example = false)]
    pub has_more: bool,
    /// What `cursor` takes to get them; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "AZNQ3mGfTqKb0l8V")]
    pub next_cursor: Option<String>,
}

/// Something that happened to an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderTimelineEntry)]
pub struct TimelineEntry {
    /// When.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub at: String,
    /// What kind of thing: `event` (a fact that webhooks tell too), `payment` (an attempt), `action` (one that ended), `mail`, `staff`.
    #[schema(example = "event", examples("event", "payment", "action", "mail", "staff"))]
    pub kind: String,
    /// What it was: the event's type, how the action ended, which mail, the operation of the API.
    #[schema(example = "payment.succeeded")]
    pub what: String,
    /// More of it: the provider, the action's name.
    #[schema(example = "stripe")]
    pub detail: Option<String>,
    /// Which member of staff, or which key.
    #[schema(example = "usr_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub actor_id: Option<String>,
}

impl From<Entry> for TimelineEntry {
    fn from(row: Entry) -> Self {
        let actor = row.actor_id.map(|id| match row.actor_type.as_deref() {
            Some("api_key") => ApiKeyId::from_uuid(id).to_string(),
            _ => UserId::from_uuid(id).to_string(),
        });
        Self {
            at: rfc3339(&row.at),
            kind: row.kind,
            what: row.what,
            detail: row.detail,
            actor_id: actor,
        }
    }
}
