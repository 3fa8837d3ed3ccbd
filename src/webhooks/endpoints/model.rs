//! Rows of endpoints.

use diesel::QueryableByName;
use diesel::sql_types::{Binary, Nullable};

use crate::db::schema::webhook_endpoints;
use crate::kernel::clock::Instant;
use crate::kernel::ids::WebhookEndpointId;
use crate::kernel::text::Description;
use crate::word_enum;

word_enum! {
    /// Why an endpoint receives nothing.
    pub enum DisabledReason in "webhook_endpoints.disabled_reason" {
        /// Staff switched it off.
        ByStaff = "by_staff",
        /// It answered 410.
        Gone = "gone",
        /// Nothing could be delivered to it for five days.
        Failing = "failing",
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
    /// Until when the secret before this one is valid as well.
    pub previous_secret_until: Option<Instant>,
    /// Why it receives nothing.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when.
    pub disabled_at: Option<Instant>,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// What an endpoint's requests are signed with.
#[derive(Clone, Debug, QueryableByName)]
pub struct SealedSecrets {
    /// The secret, sealed.
    #[diesel(sql_type = Binary)]
    pub secret_sealed: Vec<u8>,
    /// The one before it, while it is valid.
    #[diesel(sql_type = Nullable<Binary>)]
    pub previous_secret_sealed: Option<Vec<u8>>,
}
