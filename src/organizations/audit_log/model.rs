//! Rows of the audit log.

use diesel::QueryableByName;

pub use crate::db::audit::ActorType;
use crate::db::schema::audit_log;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{AuditEntryId, CheckoutId};

/// One change.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = audit_log)]
pub struct AuditEntry {
    /// The entry.
    pub id: AuditEntryId,
    /// The checkout it happened in.
    pub checkout_id: Option<CheckoutId>,
    /// What made it.
    pub actor_type: ActorType,
    /// Who.
    pub actor_id: Option<uuid::Uuid>,
    /// The id of the token or key.
    pub credential: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// The operation.
    pub action: String,
    /// What kind of thing was changed.
    pub object_type: Option<String>,
    /// Which.
    pub object_id: Option<String>,
    /// As it was.
    pub before: Option<serde_json::Value>,
    /// As it is.
    pub after: Option<serde_json::Value>,
    /// When.
    pub created_at: Instant,
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this checkout.
    pub checkout: Option<CheckoutId>,
    /// Made by this user or key.
    pub actor: Option<uuid::Uuid>,
    /// Of this operation.
    pub action: Option<String>,
    /// Of this object.
    pub object: Option<String>,
    /// From this moment on.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}
