//! The port: what an action is given, and how it may end.

use super::kinds::receipt_email;
use super::model::ActionType;
use crate::kernel::locale::Locale;
use crate::kernel::money::Money;
use crate::net::Mailer;

/// What an action may know of the order it runs on.
#[derive(Clone, Debug)]
pub struct Input {
    /// The run's id: the idempotency key of everything it sends.
    pub run: String,
    /// The order's number.
    pub number: i64,
    /// The buyer's address.
    pub email: String,
    /// The buyer's name, as far as it is known.
    pub name: Option<String>,
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
    /// The order's tax by rate, as "25.5 %" and an amount.
    pub taxes: Vec<(String, Money)>,
    /// What was paid.
    pub total: Money,
    /// Where the buyer finds the order, with a token that opens it.
    pub order_url: Option<String>,
    /// Whether the order is a test.
    pub test_mode: bool,
}

/// A line of the order.
#[derive(Clone, Debug)]
pub struct InputLine {
    /// What.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// For how much.
    pub total: Money,
}

/// What actions may use to reach the world.
pub struct World<'a> {
    /// Sends mail.
    pub mailer: &'a Mailer,
}

/// Why a run did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Worth another try.
    Temporary(String),
    /// It would fail again.
    Fatal(String),
}

/// Runs an action. Called with no transaction open; may be called again with the same input after a crash.
pub async fn run(kind: ActionType, input: &Input, world: &World<'_>) -> Result<(), Failure> {
    match kind {
        ActionType::ReceiptEmail => receipt_email::run(input, world).await,
    }
}
