//! A run as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{ActionLevel, ActionRun, Attempt, AttemptOutcome, RunStatus, WaitingFor};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{ActionId, LineId};
use crate::kernel::text::Name;

/// A post-purchase action on an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderAction)]
pub struct ActionRunView {
    /// The run.
    pub id: ActionId,
    /// What the action belongs to.
    pub level: ActionLevel,
    /// What it does.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "receipt_email")]
    pub action_type: super::model::ActionType,
    /// What the merchant called it.
    pub name: Name,
    /// The line it belongs to, at product level.
    pub order_line_id: Option<LineId>,
    /// Where it stands.
    #[schema(value_type = String, example = "succeeded", examples("frozen", "queued", "running", "waiting", "succeeded", "failed", "cancelled"))]
    pub status: RunStatus,
    /// What it waits for.
    #[schema(value_type = Option<String>, example = "license_keys", examples("license_keys", "manual_delivery"))]
    pub waiting_for: Option<WaitingFor>,
    /// The run that it undoes: access that is taken away.
    pub revokes: Option<ActionId>,
    /// How often it was tried.
    #[schema(example = 1, minimum = 0)]
    pub attempts: i32,
    /// What went wrong last.
    #[schema(example = "the mail server did not answer")]
    pub last_error: Option<String>,
    /// When it was frozen on the order.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<ActionRun> for ActionRunView {
    fn from(row: ActionRun) -> Self {
        Self {
            id: row.id,
            level: row.level,
            action_type: row.action_type,
            name: row.name,
            order_line_id: row.order_line_id,
            status: row.status,
            waiting_for: row.waiting_for,
            revokes: row.revokes,
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// One attempt at a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ActionAttempt)]
pub struct ActionAttemptView {
    /// The run.
    pub order_action_id: ActionId,
    /// Which attempt, from 1.
    #[schema(example = 1, minimum = 1)]
    pub number: i32,
    /// When it began.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub started_at: String,
    /// When it ended; never, while it is under way and when its worker died.
    #[schema(format = DateTime, example = "2026-11-20T12:00:01.000Z")]
    pub finished_at: Option<String>,
    /// How it ended.
    #[schema(value_type = Option<String>, example = "succeeded", examples("succeeded", "failed", "retried", "waiting"))]
    pub outcome: Option<AttemptOutcome>,
    /// What was said of it.
    #[schema(example = "the mail server did not answer")]
    pub message: Option<String>,
}

impl From<Attempt> for ActionAttemptView {
    fn from(row: Attempt) -> Self {
        Self {
            order_action_id: row.run_id,
            number: row.number,
            started_at: rfc3339(&row.started_at),
            finished_at: row.finished_at.as_ref().map(rfc3339),
            outcome: row.outcome,
            message: row.message,
        }
    }
}
