//! The port: what an action is given, and how it may end.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::integrations::model::Account;
use super::kinds::{active_campaign, email, kajabi, mailchimp, receipt_email, systeme_io, webhook};
use super::model::ActionType;
use crate::kernel::locale::Locale;
use crate::kernel::money::Money;
use crate::net::Mailer;
use crate::net::client::GuardedClient;

/// What an action may know of the order it runs on.
#[derive(Clone, Debug)]
pub struct Input {
    /// The run's id: the idempotency key of every request it makes.
    pub run: String,
    /// The same at every repeat after a crash or a failure, another when somebody has it run again: what a mail is known by, so that
    /// mail programs show what was sent again on purpose.
    pub occasion: String,
    /// The order's id.
    pub order: String,
    /// The order's number.
    pub number: i64,
    /// The buyer's id: the same for every order of theirs.
    pub customer: String,
    /// The buyer's address.
    pub email: String,
    /// The buyer's first name.
    pub first_name: Option<String>,
    /// The buyer's last name.
    pub last_name: Option<String>,
    /// The buyer's phone number.
    pub phone: Option<String>,
    /// Whether the buyer agreed to be written to about other things.
    pub marketing: bool,
    /// The buyer's language.
    pub locale: Locale,
    /// The shop's name.
    pub shop: String,
    /// The address the shop's mails come from.
    pub from: String,
    /// Where buyers ask for help.
    pub support_email: Option<String>,
    /// What was bought.
    pub lines: Vec<InputLine>,
    /// The line it belongs to, at product level: an index of `lines`.
    pub line: Option<usize>,
    /// The order's tax by rate, as "25.5 %" and an amount.
    pub taxes: Vec<(String, Money)>,
    /// What was paid.
    pub total: Money,
    /// Where the buyer finds the order, with a token that opens it.
    pub order_url: Option<String>,
    /// The order as the API shows it.
    pub document: Arc<Value>,
    /// Whether the order is a test.
    pub test_mode: bool,
}

impl Input {
    /// The buyer's whole name, as far as it is known.
    pub fn name(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.first_name, &self.last_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// A line of the order.
#[derive(Clone, Debug)]
pub struct InputLine {
    /// The line's id.
    pub id: String,
    /// The product's id.
    pub product: String,
    /// What.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// For how much.
    pub total: Money,
}

/// One run: what it runs on, and how the merchant has set it up.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The order.
    pub input: &'a Input,
    /// The configuration, frozen with the order.
    pub config: &'a Value,
    /// What is never frozen: addresses that are credentials, the key to sign with. Read when it runs.
    pub secrets: &'a Map<String, Value>,
    /// The merchant's account at the service, where the type needs one and there is one.
    pub account: Option<&'a Account>,
}

/// What actions may use to reach the world.
pub struct World<'a> {
    /// Sends mail.
    pub mailer: &'a Mailer,
    /// Makes requests.
    pub client: &'a GuardedClient,
    /// Where the services are.
    pub services: &'a Services,
    /// Now, in seconds since 1970.
    pub now: u64,
}

/// Where the services of integrations are, without trailing slashes.
#[derive(Clone, Debug)]
pub struct Services {
    /// Systeme.io's API.
    pub systeme_io: String,
    /// Mailchimp's API; `{dc}` stands for the data center that an API key names.
    pub mailchimp: String,
    /// Whether Kajabi's addresses may have any host: in development, where a double of it runs.
    pub any_host: bool,
}

/// Why a run did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Worth another try.
    Temporary(String),
    /// It would fail again.
    Fatal(String),
}

/// What a run that succeeded leaves for the one that undoes it: the ids that the service gave.
pub type Outcome = Option<Value>;

/// Runs an action. Called with no transaction open; may be called again with the same input after a crash.
pub async fn run(kind: ActionType, task: Task<'_>, world: &World<'_>) -> Result<Outcome, Failure> {
    match kind {
        ActionType::ReceiptEmail => receipt_email::run(task, world).await.map(|()| None),
        ActionType::Email => email::run(task, world).await.map(|()| None),
        ActionType::Webhook => webhook::run(task, world).await.map(|()| None),
        ActionType::KajabiGrant => kajabi::run(task, world).await,
        ActionType::SystemeIo => systeme_io::run(task, world).await,
        ActionType::ActiveCampaign => active_campaign::run(task, world).await,
        ActionType::Mailchimp => mailchimp::run(task, world).await,
        // Issued by the room of orders: it takes keys, which is not a call.
        ActionType::License => Err(Failure::Fatal("a license is not run like this".to_owned())),
    }
}

/// Takes back what a run has given; `left` is what that run left. Only for types that [`ActionType::revocable`] says it of.
pub async fn revoke(
    kind: ActionType,
    task: Task<'_>,
    left: Option<&Value>,
    world: &World<'_>,
) -> Result<Outcome, Failure> {
    match kind {
        ActionType::KajabiGrant => kajabi::revoke(task, left, world).await.map(|()| None),
        ActionType::SystemeIo => systeme_io::revoke(task, left, world).await.map(|()| None),
        ActionType::ActiveCampaign => active_campaign::revoke(task, left, world).await.map(|()| None),
        ActionType::Mailchimp => mailchimp::revoke(task, left, world).await.map(|()| None),
        ActionType::ReceiptEmail | ActionType::Email | ActionType::Webhook | ActionType::License => {
            Err(Failure::Fatal("this cannot be taken back".to_owned()))
        }
    }
}
