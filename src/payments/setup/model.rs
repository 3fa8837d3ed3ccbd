//! Rows of payment methods, and the accounts they open.

use diesel::QueryableByName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::schema::payment_methods;
use crate::kernel::clock::Instant;
use crate::kernel::ids::CheckoutId;
use crate::kernel::money::Currency;
use crate::payments::model::ProviderKind;
use crate::payments::providers::{epassi, offline, paytrail, stripe};

/// The least that is taken in a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = PaymentMinimum)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// The currency.
    pub currency: Currency,
    /// In minor units.
    #[validate(range(min = 1, max = 99_999_999_999_i64, message = "must be 1 to 99999999999"))]
    #[schema(minimum = 1, maximum = 99_999_999_999_i64, example = 500)]
    pub amount: i64,
}

/// What may be shown of an account, each provider its own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Stripe's key for pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishable_key: Option<String>,
    /// The end of the secret key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_last4: Option<String>,
    /// The end of the webhook secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret_last4: Option<String>,
    /// Paytrail's number of the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<String>,
    /// Epassi's number of the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The end of Epassi's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_key_last4: Option<String>,
    /// The employee benefits that the merchant takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<String>,
    /// Who gets bank transfers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// Where to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iban: Option<String>,
    /// By which bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// Within how many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_days: Option<i32>,
    /// What the merchant says to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// One account, as it is kept.
#[derive(Clone, QueryableByName)]
#[diesel(table_name = payment_methods)]
pub struct Setup {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// Where.
    pub provider: ProviderKind,
    /// For test sales.
    pub test_mode: bool,
    /// Whether buyers may use it.
    pub enabled: bool,
    /// What the merchant asks for at least.
    pub minimums: serde_json::Value,
    /// What may be shown.
    pub settings: serde_json::Value,
    /// What may not, sealed.
    pub secrets: Vec<u8>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Settings {
    /// Whether everything is there that payments of this provider need. Stripe makes the secret of a webhook endpoint when the
    /// endpoint is made, for an address that the first set-up tells: until it is given, nothing would say that a buyer has paid.
    pub fn is_complete(&self, provider: ProviderKind) -> bool {
        provider != ProviderKind::Stripe || self.webhook_secret_last4.is_some()
    }
}

impl Setup {
    /// What may be shown.
    pub fn settings(&self) -> Settings {
        Settings::deserialize(&self.settings).unwrap_or_default()
    }

    /// What the merchant asks for at least.
    pub fn minimums(&self) -> Vec<Minimum> {
        Vec::deserialize(&self.minimums).unwrap_or_default()
    }
}

/// An account that can be used: its secrets are open.
#[derive(Clone, Debug)]
pub enum Account {
    /// At Stripe.
    Stripe(stripe::Config),
    /// At Paytrail.
    Paytrail(paytrail::Config),
    /// At Epassi.
    Epassi(epassi::Config),
    /// At a bank.
    Offline(offline::Config),
}
