//! Configured actions and their runs on orders.

use diesel::QueryableByName;
use uuid::Uuid;

use super::integrations::model::Service;
use crate::db::jobs::JobKind;
use crate::db::schema::{action_attempts, action_runs, actions};
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
        /// Sends the buyer a mail of the merchant's own words.
        Email = "email",
        /// Tells a system of the merchant's, by a signed request.
        Webhook = "webhook",
        /// Gives the buyer an offer in Kajabi.
        KajabiGrant = "kajabi_grant",
        /// Adds the buyer to Systeme.io, with tags.
        SystemeIo = "systeme_io",
        /// Adds the buyer to ActiveCampaign, with tags.
        ActiveCampaign = "active_campaign",
        /// Adds the buyer to an audience of Mailchimp, with tags.
        Mailchimp = "mailchimp",
        /// Gives the buyer licenses.
        License = "license",
    }
}

impl ActionType {
    /// Whether what it gave can be taken away.
    pub const fn revocable(self) -> bool {
        match self {
            Self::KajabiGrant | Self::SystemeIo | Self::ActiveCampaign | Self::Mailchimp | Self::License => true,
            Self::ReceiptEmail | Self::Email | Self::Webhook => false,
        }
    }

    /// The queue its runs wait in: calls to other people's systems wait for each other, and for nothing else.
    pub const fn job(self) -> JobKind {
        match self {
            Self::ReceiptEmail | Self::Email => JobKind::RunAction,
            Self::Webhook
            | Self::KajabiGrant
            | Self::SystemeIo
            | Self::ActiveCampaign
            | Self::Mailchimp
            | Self::License => JobKind::CallService,
        }
    }

    /// The service whose account it needs.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::SystemeIo => Some(Service::SystemeIo),
            Self::ActiveCampaign => Some(Service::ActiveCampaign),
            Self::Mailchimp => Some(Service::Mailchimp),
            _ => None,
        }
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

word_enum! {
    /// What a waiting run waits for.
    pub enum WaitingFor in "action_runs.waiting_for" {
        /// Keys in the pool.
        LicenseKeys = "license_keys",
        /// A person who delivers.
        ManualDelivery = "manual_delivery",
    }
}

word_enum! {
    /// How one attempt at a run ended.
    pub enum AttemptOutcome in "action_attempts.outcome" {
        /// Done.
        Succeeded = "succeeded",
        /// Given up.
        Failed = "failed",
        /// It did not work, and is tried again.
        Retried = "retried",
        /// It cannot go on until something comes.
        Waiting = "waiting",
    }
}

/// An action as the checkout has it.
#[derive(Clone, QueryableByName)]
#[diesel(table_name = actions)]
pub struct Action {
    /// The action.
    pub id: ActionId,
    /// What it belongs to.
    pub level: ActionLevel,
    /// The product or offer it belongs to.
    pub owner_id: Option<Uuid>,
    /// What it does.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub action_type: ActionType,
    /// What the merchant calls it.
    pub name: Name,
    /// Whether it is put on new orders.
    pub enabled: bool,
    /// Whether it runs in test mode.
    pub run_in_test: bool,
    /// How it does it.
    pub config: serde_json::Value,
    /// What may not be shown, sealed.
    pub secrets: Option<Vec<u8>>,
    /// When it was put away.
    pub archived_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
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
    /// What it waits for.
    pub waiting_for: Option<WaitingFor>,
    /// The run that it undoes.
    pub revokes: Option<ActionId>,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was frozen on the order.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// One attempt at a run.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = action_attempts)]
pub struct Attempt {
    /// The run.
    pub run_id: ActionId,
    /// Which attempt, from 1.
    pub number: i32,
    /// When it began.
    pub started_at: Instant,
    /// When it ended; never, if its worker died.
    pub finished_at: Option<Instant>,
    /// How it ended.
    pub outcome: Option<AttemptOutcome>,
    /// What was said of it.
    pub message: Option<String>,
}

/// A run that is put on an order: what is shown of it, and what it is made from.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The run.
    pub run: ActionRun,
    /// The action it is a run of.
    pub action: ActionId,
    /// The action's configuration then.
    pub config: serde_json::Value,
    /// The product of its line.
    pub product: Option<Uuid>,
}

/// What a line of an order is, as far as actions are concerned.
#[derive(Clone, Copy, Debug)]
pub struct Sold {
    /// The line.
    pub line: LineId,
    /// The product.
    pub product: Uuid,
    /// The offer it was sold by.
    pub offer: Uuid,
}
