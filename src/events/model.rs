//! Rows of events.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};

use super::registry::{EventType, ObjectType};
use crate::db::schema::events;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, EventId};

/// An event that has its number.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = events)]
pub struct EventRow {
    /// The event.
    pub id: EventId,
    /// Its number in the checkout; empty until the fan-out has seen it.
    pub sequence: Option<i64>,
    /// What happened.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub event_type: EventType,
    /// What kind of object it speaks of.
    pub object_type: ObjectType,
    /// Which object.
    pub object_id: uuid::Uuid,
    /// The object's version.
    pub object_version: i32,
    /// When it became true.
    pub occurred_at: Instant,
    /// The version of the payload.
    pub api_version: String,
    /// Whether it happened in test mode.
    pub test_mode: bool,
    /// The object.
    pub data: serde_json::Value,
}

/// A fact to be told.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// What happened.
    pub event_type: EventType,
    /// To which object (of the type's kind).
    pub object_id: uuid::Uuid,
    /// The object's version after it.
    pub object_version: i32,
    /// Whether it happened in test mode.
    pub test_mode: bool,
    /// The object as the API shows it.
    pub data: serde_json::Value,
}

/// A checkout whose counter is locked.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub(super) struct Counter {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
}

/// How many events of a checkout were numbered.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub(super) struct Numbered {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub events: i64,
}
