//! The port: what every provider can be asked, what it answers in our words, and what it says it can do.
//!
//! Adapters under `providers/` know one wire format each and nothing of the product; they are called with no transaction open, and
//! what they answer is recorded afterwards (`orders::settle` decides what it means).

use std::time::Duration;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::instructions::Instructions;
use super::model::Payment;
use crate::kernel::country::Country;
use crate::kernel::ids::{LineId, OrderId, PaymentId, RefundId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::net::client::GuardedClient;

/// How a buyer gets from us to the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFlow {
    /// Nothing is to be done by the buyer.
    None,
    /// The browser goes to the provider's page.
    Redirect,
    /// The browser posts a form to the provider.
    FormPost,
    /// The page finishes the payment with the provider's own library.
    ClientSecret,
    /// The buyer is told where to send the money.
    Instructions,
}

/// What a provider gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundAbility {
    /// Any part of a payment.
    FullAndPartial,
    /// All of it, or nothing.
    FullOnly,
    /// Nothing: the merchant sends it back by other means.
    None,
}

/// What a provider can do, declared and not discovered.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Usable with no configuration of the merchant's, in live mode.
    pub live: bool,
    /// The same in test mode.
    pub test: bool,
    /// Takes the payment of nothing, and no other.
    pub only_nothing: bool,
    /// The currencies it takes; none: all.
    pub currencies: Option<&'static [&'static str]>,
    /// The least it takes, by currency, in minor units.
    pub minimums: &'static [(&'static str, i64)],
    /// The most it takes, in minor units.
    pub maximum: i64,
    /// The most it takes in currencies where that is less, in minor units.
    pub maximums: &'static [(&'static str, i64)],
    /// Amounts must be a multiple of this many minor units, by currency.
    pub steps: &'static [(&'static str, i64)],
    /// How the buyer gets to the money.
    pub flow: PaymentFlow,
    /// What it gives back.
    pub refund: RefundAbility,
    /// Whether an attempt can be taken back there, so that nobody can pay it any more.
    pub cancels: bool,
    /// Whether it can be asked how an attempt stands.
    pub answers: bool,
}

impl Capabilities {
    /// Whether this much of a payment goes back when the provider is asked; if not, somebody sends it by other means.
    pub fn gives_back(&self, payment: &Payment, amount: i64) -> bool {
        match self.refund {
            RefundAbility::FullAndPartial => true,
            RefundAbility::FullOnly => payment.refunded_amount == 0 && payment.received_amount == Some(amount),
            RefundAbility::None => false,
        }
    }
}

/// What happened to an attempt, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At the provider, undecided.
    Pending,
    /// The money is there.
    Succeeded {
        /// How much came, in minor units.
        received: i64,
        /// Of which currency.
        currency: Currency,
    },
    /// The provider said no.
    Failed {
        /// Why, stable.
        code: String,
        /// Whether another attempt may succeed.
        retryable: bool,
    },
    /// Taken back before it was decided.
    Cancelled,
    /// Never decided in time.
    Expired,
}

/// How an adapter reaches its provider.
#[derive(Clone, Copy)]
pub struct Wire<'a> {
    /// Makes the requests.
    pub client: &'a GuardedClient,
    /// Where the provider's API is, without a trailing slash.
    pub base: &'a str,
    /// How long one request may take.
    pub timeout: Duration,
    /// Now, in milliseconds since 1970 by our clock: for signed requests.
    pub now_ms: i64,
}

/// What a provider is told of an attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The attempt: what makes a repeated call the same call.
    pub payment: PaymentId,
    /// What it pays.
    pub order: OrderId,
    /// The order's number, as people say it.
    pub number: i64,
    /// In minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// Which of the provider's own ways to pay the buyer chose.
    pub method: Option<String>,
    /// The buyer's language.
    pub locale: Locale,
    /// Who pays.
    pub payer: Payer,
    /// What is paid for; the totals add up to the amount.
    pub items: Vec<AttemptItem>,
    /// Where the provider sends the buyer and its news.
    pub urls: AttemptUrls,
    /// Today, by our clock.
    pub today: NaiveDate,
}

/// Who pays, as far as they have said.
#[derive(Clone, Debug, Default)]
pub struct Payer {
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their company.
    pub company: Option<String>,
    /// Its VAT number.
    pub vat_number: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Country.
    pub country: Option<Country>,
}

/// One line of what is paid for.
#[derive(Clone, Debug)]
pub struct AttemptItem {
    /// The order line.
    pub line: LineId,
    /// What it is called.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// What the line costs, discount taken off and tax included, in minor units.
    pub total: i64,
    /// The rate of its tax in percent.
    pub tax_rate: Decimal,
}

/// Where the provider sends the buyer and its news.
#[derive(Clone, Debug)]
pub struct AttemptUrls {
    /// The browser, when the buyer is done; it decides nothing.
    pub success: String,
    /// The browser, when the buyer gives up.
    pub cancel: String,
    /// The provider's own servers.
    pub callback: String,
}

/// What a provider answered when asked to start a payment.
#[derive(Clone, Debug)]
pub struct Started {
    /// What the provider calls it.
    pub reference: String,
    /// Where it stands.
    pub outcome: Outcome,
    /// What the buyer needs to pay.
    pub handover: Option<Handover>,
}

/// What a buyer needs to pay: given to the buyer's page alone, and kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// A page of the provider's.
    Redirect {
        /// Its address.
        redirect_url: String,
    },
    /// A form that the browser posts.
    Form {
        /// Where to.
        action: String,
        /// Its fields, in their order.
        fields: Vec<(String, String)>,
    },
    /// What the provider's own library needs.
    ClientSecret {
        /// Of this payment.
        client_secret: String,
        /// Of the merchant.
        publishable_key: String,
    },
    /// Where to send the money.
    Instructions(Instructions),
}

/// Why a provider gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderError {
    /// It said no, and nothing was done there.
    Refused {
        /// Why, stable.
        code: String,
        /// Whether another attempt may succeed.
        retryable: bool,
    },
    /// It was not reached or is overloaded: nothing was done there.
    Away,
    /// It may have done it: the answer was lost, late or not understood.
    Unknown,
}

/// Which attempt the provider speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptName {
    /// Our own id, which it was given.
    Id(PaymentId),
    /// What it calls it itself.
    Reference(String),
}

/// A request that says it comes from a provider.
#[derive(Clone, Copy)]
pub struct Inbound<'a> {
    /// Whether it is a POST; a GET otherwise.
    pub post: bool,
    /// The query, as it came.
    pub query: &'a str,
    /// The signature header, where the provider has one.
    pub signature: Option<&'a str>,
    /// The body, byte for byte.
    pub body: &'a [u8],
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// The request was not made by the provider, or not for this merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

/// One piece of verified news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What makes a repeat recognizable: the provider's id of the event, or a digest of what it says.
    pub event: String,
    /// What the provider calls this kind of news.
    pub kind: String,
    /// What it says.
    pub about: About,
}

/// What news says, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// An attempt moved.
    Payment {
        /// Which.
        attempt: AttemptName,
        /// Where to.
        outcome: Outcome,
    },
    /// A refund moved.
    Refund {
        /// Our own id, if the provider was given it and says it.
        refund: Option<RefundId>,
        /// What the provider calls it.
        reference: Option<String>,
        /// Whose money.
        attempt: AttemptName,
        /// How it stands.
        state: RefundState,
    },
    /// The buyer's bank disputes the payment, or the dispute has ended.
    Dispute {
        /// Which payment.
        attempt: AttemptName,
    },
    /// Nothing that we act on.
    Nothing,
}

/// A refund as the provider is asked for it.
#[derive(Clone, Debug)]
pub struct RefundRequest {
    /// The refund: what makes a repeated call the same call.
    pub refund: RefundId,
    /// The payment.
    pub payment: PaymentId,
    /// What the provider calls the payment.
    pub reference: String,
    /// In minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// Why, in the provider-neutral words of the API.
    pub reason: Option<String>,
    /// How much of which line.
    pub items: Vec<(LineId, i64)>,
    /// Where the buyer can be asked for an account.
    pub email: Option<String>,
    /// Where the provider's servers send their news.
    pub callback: String,
}

/// How a refund stands at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Undecided.
    Pending,
    /// The money is on its way.
    Succeeded,
    /// It is not, for this reason.
    Failed {
        /// Why, stable.
        code: String,
    },
}

/// What a provider answered when asked for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// What the provider calls the refund.
    pub reference: Option<String>,
    /// How it stands.
    pub state: RefundState,
}

/// Why a refund was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundError {
    /// This payment cannot be refunded by the provider: by hand, then.
    Unsupported,
    /// Any other reason.
    Provider(ProviderError),
}

/// News of one attempt, from a callback, a return, a poll, a person or the test route.
#[derive(Clone, Debug)]
pub struct News {
    /// The attempt it names.
    pub payment: PaymentId,
    /// What happened.
    pub outcome: Outcome,
}
