//! Configured actions and their runs on orders.

use diesel::QueryableByName;

use crate::db::schema::{action_runs, actions};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ActionId, LineId, OrderId};
use crate::kernel::text::Name;
use crate::word_enum;

word_enum! {
    /// What an action belongs to.
    pub enum ActionLevel in "actions.level" {
        /// A product: once per line.
        Product = "product",
        /// An offer: once per order of it.
        Offer = "offer",
        /// The checkout: once per order.
        Checkout = "checkout",
    }
}

word_enum! {
    /// What an action does.
    pub enum ActionType in "actions.type" {
        /// Sends the buyer a receipt.
        ReceiptEmail = "receipt_email",
    }
}

word_enum! {
    /// Where a run stands.
    pub enum RunStatus in "action_runs.status" {
        /// On the order, waiting for it to be paid.
        Frozen = "frozen",
        /// Due.
        Queued = "queued",
        /// A worker has it.
        Running = "running",
        /// For license keys or for a person.
        Waiting = "waiting",
        /// Done.
        Succeeded = "succeeded",
        /// Given up.
        Failed = "failed",
        /// Not to be done.
        Cancelled = "cancelled",
    }
}

/// An action as the checkout has it.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = actions)]
pub struct Action {
    /// The action.
    pub id: ActionId,
    /// What it belongs to.
    pub level: ActionLevel,
    /// What it does.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub action_type: ActionType,
    /// What the merchant calls it.
    pub name: Name,
    /// Whether it runs in test mode.
    pub run_in_test: bool,
    /// How it does it.
    pub config: serde_json::Value,
}

/// An action on an order.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = action_runs)]
pub struct ActionRun {
    /// The run.
    pub id: ActionId,
    /// Its order.
    pub order_id: OrderId,
    /// The line it belongs to, at product level.
    pub order_line_id: Option<LineId>,
    /// What the action belongs to.
    pub level: ActionLevel,
    /// What it does.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub action_type: ActionType,
    /// What the merchant called it.
    pub name: Name,
    /// Where it stands.
    pub status: RunStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was frozen on the order.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}
