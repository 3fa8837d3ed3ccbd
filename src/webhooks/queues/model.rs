//! Rows of queues.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};

use crate::db::schema::{webhook_queues, webhook_replays};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, EventId, ReplayId, WebhookEndpointId};

/// A queue whose row is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct QueueKey {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The endpoint.
    #[diesel(sql_type = SqlUuid)]
    pub endpoint_id: WebhookEndpointId,
}

/// How an endpoint does.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = webhook_queues)]
pub struct Statistics {
    /// Deliveries to be tried.
    pub pending: i64,
    /// Deliveries received.
    pub succeeded: i64,
    /// Deliveries given up.
    pub failed: i64,
    /// Since when no attempt has succeeded.
    pub failing_since: Option<Instant>,
    /// When an attempt succeeded last.
    pub last_success_at: Option<Instant>,
    /// When an attempt failed last.
    pub last_failure_at: Option<Instant>,
}

/// The next event of the log for an endpoint.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct News {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The endpoint.
    #[diesel(sql_type = SqlUuid)]
    pub endpoint_id: WebhookEndpointId,
    /// The event.
    #[diesel(sql_type = SqlUuid)]
    pub event_id: EventId,
    /// The object it speaks of.
    #[diesel(sql_type = SqlUuid)]
    pub object_id: uuid::Uuid,
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub sequence: i64,
    /// Whether the endpoint listens to it.
    #[diesel(sql_type = Bool)]
    pub listens: bool,
}

/// Events that staff want delivered again.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = webhook_replays)]
pub struct Replay {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// The request.
    pub id: ReplayId,
    /// To whom.
    pub endpoint_id: WebhookEndpointId,
    /// Events after this number.
    pub after_sequence: i64,
    /// Up to this one.
    pub until_sequence: i64,
    /// That happened then or later.
    pub since: Option<Instant>,
    /// That happened before then.
    pub until: Option<Instant>,
    /// Of these types; empty: of all.
    pub types: Vec<String>,
    /// Whose delivery was given up.
    pub only_failed: bool,
    /// The request as it was made.
    pub asked: serde_json::Value,
    /// How many deliveries it was when it was made.
    pub queued: i64,
}
