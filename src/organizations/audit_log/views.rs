//! Entries of the audit log as clients ask for and see them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{ActorType, AuditEntry, AuditFilter};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{ApiKeyId, AuditEntryId, CheckoutId, UserId};
use crate::kernel::moment::Moment;
use crate::kernel::problem::Problem;

/// What the audit log takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only what this user or key did.
    #[param(example = "usr_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    actor: Option<String>,
    /// Only this operation, by its id in this document.
    #[param(example = "updateProduct")]
    action: Option<String>,
    /// Only changes of this object, by its id.
    #[param(example = "prd_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    object: Option<String>,
    /// From this moment on.
    from: Option<Moment>,
    /// Before this moment.
    to: Option<Moment>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    pub cursor: Option<String>,
}

impl AuditQuery {
    /// What is asked for, of one checkout or of all.
    pub fn filter(self, checkout: Option<CheckoutId>) -> Result<AuditFilter, Problem> {
        Ok(AuditFilter {
            checkout,
            actor: self.actor.as_deref().map(actor).transpose()?,
            action: self.action,
            object: self.object,
            from: self.from.map(|from| from.0),
            to: self.to.map(|to| to.0),
        })
    }
}

fn actor(text: &str) -> Result<uuid::Uuid, Problem> {
    let user = text.parse::<UserId>().map(UserId::uuid);
    let id = user.or_else(|_| text.parse::<ApiKeyId>().map(ApiKeyId::uuid));
    id.map_err(|_| Problem::invalid("?actor", "invalid", "must be the id of a user or of an API key"))
}

/// Who made a change.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct ActorView {
    /// What they are.
    #[serde(rename = "type")]
    pub kind: ActorType,
    /// The user or key; none for the operator of the service.
    #[schema(example = "usr_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub id: Option<String>,
    /// The id of the access token, or of the key.
    #[schema(example = "job_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub credential: Option<String>,
    /// From which address.
    #[schema(example = "203.0.113.7")]
    pub address: Option<String>,
}

/// What was changed.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditObject)]
pub struct ObjectView {
    /// What kind of thing.
    #[serde(rename = "type")]
    #[schema(example = "product")]
    pub kind: String,
    /// Which.
    #[schema(example = "prd_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub id: String,
}

/// One change by staff. Secrets are masked; what says something about a person is a keyed hash.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryView {
    /// The entry.
    pub id: AuditEntryId,
    /// The checkout it happened in.
    pub checkout_id: Option<CheckoutId>,
    /// Who.
    pub actor: ActorView,
    /// The operation, by its id in this document, or the operator's command.
    #[schema(example = "updateProduct")]
    pub action: String,
    /// What was changed.
    pub object: Option<ObjectView>,
    /// As it was.
    #[schema(value_type = Option<Object>, example = json!({"name": "Old"}))]
    pub before: Option<serde_json::Value>,
    /// As it is.
    #[schema(value_type = Option<Object>, example = json!({"name": "New"}))]
    pub after: Option<serde_json::Value>,
    /// The id of the request.
    #[schema(example = "01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub request_id: Option<String>,
    /// When.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// Entries do not change: the same as `created_at`.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(row: AuditEntry) -> Self {
        let id = row.actor_id.map(|id| match row.actor_type {
            ActorType::ApiKey => ApiKeyId::from_uuid(id).to_string(),
            ActorType::User | ActorType::Operator => UserId::from_uuid(id).to_string(),
        });
        Self {
            id: row.id,
            checkout_id: row.checkout_id,
            actor: ActorView {
                kind: row.actor_type,
                id,
                credential: row.credential,
                address: row.address,
            },
            action: row.action,
            object: row
                .object_type
                .zip(row.object_id)
                .map(|(kind, id)| ObjectView { kind, id }),
            before: row.before,
            after: row.after,
            request_id: row.request_id,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.created_at),
        }
    }
}
