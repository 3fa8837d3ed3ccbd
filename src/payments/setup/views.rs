//! Payment methods as staff send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{Minimum, Setup};
use crate::catalog::products::benefits::EmployeeBenefit;
use crate::kernel::clock::rfc3339;
use crate::kernel::text::{Description, Name};
use crate::payments::methods::Unavailable;
use crate::payments::model::ProviderKind;
use crate::payments::provider::{PaymentFlow, RefundAbility};

const fn yes() -> bool {
    true
}

/// Four bodies that have the same beginning.
macro_rules! with_terms {
    ($(#[$meta:meta])* pub struct $ty:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $ty {
            /// The provider of the path, if it is said at all.
            #[serde(default)]
            #[schema(required = false)]
            pub provider: Option<ProviderKind>,
            /// Whether buyers may use it.
            #[serde(default = "yes")]
            #[schema(default = true, example = true)]
            pub enabled: bool,
            /// What is asked for at least, per currency, where that is more than the provider does.
            #[serde(default)]
            #[validate(nested, length(max = 50, message = "at most 50 currencies"))]
            #[schema(max_items = 50)]
            pub minimums: Vec<Minimum>,
            $($own)*
        }
    };
}

with_terms! {
    /// An account at Stripe. The mode is that of its keys: `sk_test_…` is for test sales, `sk_live_…` for live ones.
    pub struct StripeInput {
        /// The secret key, or a restricted one. Required the first time; absent later: the one that was given before.
        #[serde(default)]
        #[validate(length(min = 8, max = 255, message = "must have 8 to 255 characters"))]
        #[schema(write_only, min_length = 8, max_length = 255, example = "sk_test_51H8...")]
        pub secret_key: Option<String>,
        /// The key for pages.
        #[validate(length(min = 8, max = 255, message = "must have 8 to 255 characters"))]
        #[schema(min_length = 8, max_length = 255, example = "pk_test_51H8...")]
        pub publishable_key: String,
        /// The signing secret of the webhook endpoint that was made at Stripe for `callback_url`. Absent: as before; payments begin
        /// when there is one.
        #[serde(default)]
        #[validate(length(min = 8, max = 255, message = "must have 8 to 255 characters"))]
        #[schema(write_only, min_length = 8, max_length = 255, example = "whsec_5f3c...")]
        pub webhook_secret: Option<String>,
    }
}

with_terms! {
    /// An account at Paytrail.
    pub struct PaytrailInput {
        /// For test sales; Paytrail's public test account is for nothing else.
        #[serde(default)]
        #[schema(default = false, example = true)]
        pub test_mode: bool,
        /// Paytrail's number of the merchant.
        #[validate(length(min = 1, max = 20, message = "must have 1 to 20 characters"))]
        #[schema(min_length = 1, max_length = 20, example = "375917")]
        pub merchant_id: String,
        /// The secret that requests are signed with. Required the first time; absent later: the one that was given before.
        #[serde(default)]
        #[validate(length(min = 8, max = 255, message = "must have 8 to 255 characters"))]
        #[schema(write_only, min_length = 8, max_length = 255, example = "SAIPPUAKAUPPIAS")]
        pub secret_key: Option<String>,
    }
}

with_terms! {
    /// An account at Epassi.
    pub struct EpassiInput {
        /// For test sales.
        #[serde(default)]
        #[schema(default = false, example = false)]
        pub test_mode: bool,
        /// Epassi's number of the merchant.
        #[validate(length(min = 1, max = 20, message = "must have 1 to 20 characters"))]
        #[schema(min_length = 1, max_length = 20, example = "151082")]
        pub site: String,
        /// The key that messages are signed with. Required the first time; absent later: the one that was given before.
        #[serde(default)]
        #[validate(length(min = 8, max = 255, message = "must have 8 to 255 characters"))]
        #[schema(write_only, min_length = 8, max_length = 255, example = "d2f1c0...")]
        pub mac_key: Option<String>,
        /// The benefits that the merchant's contract is about. A basket is paid by one that every product in it takes.
        #[validate(length(min = 1, max = 5, message = "must have 1 to 5 benefits"))]
        #[schema(min_items = 1, max_items = 5)]
        pub benefits: Vec<EmployeeBenefit>,
    }
}

with_terms! {
    /// A bank account that buyers send money to.
    pub struct OfflineInput {
        /// For test sales.
        #[serde(default)]
        #[schema(default = false, example = false)]
        pub test_mode: bool,
        /// Who gets the money, as the bank knows them.
        pub payee: Name,
        /// The account, with or without spaces.
        #[validate(length(min = 15, max = 42, message = "must be an IBAN"))]
        #[schema(min_length = 15, max_length = 42, example = "FI21 1234 5600 0007 85")]
        pub iban: String,
        /// The bank.
        #[serde(default)]
        #[validate(length(min = 8, max = 11, message = "must be a BIC"))]
        #[schema(min_length = 8, max_length = 11, example = "NDEAFIHH")]
        pub bic: Option<String>,
        /// Within how many days the money should be there.
        #[validate(range(min = 1, max = 90, message = "must be 1 to 90"))]
        #[schema(minimum = 1, maximum = 90, example = 14)]
        pub due_days: i32,
        /// What buyers are told beside the numbers.
        #[serde(default)]
        pub instructions: Option<Description>,
    }
}

/// What a provider can do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentCapabilities)]
pub struct CapabilitiesView {
    /// The currencies it takes; null: all.
    #[schema(example = json!(["EUR"]))]
    pub currencies: Option<Vec<String>>,
    /// The least it takes.
    pub minimums: Vec<Minimum>,
    /// The most it takes, in minor units.
    #[schema(example = 99_999_999)]
    pub maximum: i64,
    /// The most it takes in currencies where that is less.
    pub maximums: Vec<Minimum>,
    /// The currencies in which amounts must be multiples of something, in minor units.
    pub steps: Vec<Minimum>,
    /// How the buyer gets to the money.
    pub flow: PaymentFlow,
    /// What it gives back.
    pub refund: RefundAbility,
}

/// A payment method of a checkout: its fields are those of its provider, without secrets.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethodSetup)]
pub struct SetupView {
    /// Where.
    #[schema(value_type = String, example = "paytrail")]
    pub provider: ProviderKind,
    /// For test sales.
    #[schema(example = false)]
    pub test_mode: bool,
    /// Whether buyers may use it.
    #[schema(example = true)]
    pub enabled: bool,
    /// What the merchant asks for at least.
    pub minimums: Vec<Minimum>,
    /// What the provider can do.
    pub capabilities: CapabilitiesView,
    /// Stripe: where it must send its news, to be registered there. Paytrail and Epassi are told it with each payment. Null for bank
    /// transfers: nobody sends news of them.
    #[schema(
        format = "uri",
        example = "https://pay.example.com/v1/callbacks/stripe/chk_01jd5wq0zsfa2tq4n9v8kx3m7h"
    )]
    pub callback_url: Option<String>,
    /// Why buyers cannot use it though it is switched on; null when they can.
    pub unavailable_reason: Option<Unavailable>,
    /// Stripe: the key for pages.
    #[schema(example = "pk_test_51H8...")]
    pub publishable_key: Option<String>,
    /// Stripe, Paytrail: the end of the secret key.
    #[schema(example = "4242")]
    pub secret_key_last4: Option<String>,
    /// Stripe: the end of the webhook secret.
    #[schema(example = "9f0a")]
    pub webhook_secret_last4: Option<String>,
    /// Paytrail: the number of the merchant.
    #[schema(example = "375917")]
    pub merchant_id: Option<String>,
    /// Epassi: the number of the merchant.
    #[schema(example = "151082")]
    pub site: Option<String>,
    /// Epassi: the end of the key.
    #[schema(example = "c0de")]
    pub mac_key_last4: Option<String>,
    /// Epassi: the benefits that are taken.
    #[schema(example = json!([]))]
    pub benefits: Vec<String>,
    /// Bank: who gets the money.
    #[schema(example = "Keramiikkapaja Oy")]
    pub payee: Option<String>,
    /// Bank: the account.
    #[schema(example = "FI2112345600000785")]
    pub iban: Option<String>,
    /// Bank: which one.
    #[schema(example = "NDEAFIHH")]
    pub bic: Option<String>,
    /// Bank: within how many days the money should be there.
    #[schema(example = 14)]
    pub due_days: Option<i32>,
    /// Bank: what buyers are told beside the numbers.
    #[schema(example = "Use the reference, please.")]
    pub instructions: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl SetupView {
    /// A row, at an installation that is reached at `public_url`.
    pub fn of(row: &Setup, public_url: &str) -> Self {
        let can = row.provider.capabilities();
        let amounts = |list: &[(&str, i64)]| {
            let of = |(code, amount): &(&str, i64)| {
                Some(Minimum {
                    currency: code.parse().ok()?,
                    amount: *amount,
                })
            };
            list.iter().filter_map(of).collect()
        };
        let own = row.settings();
        let callback_url = format!("{public_url}/v1/callbacks/{}/{}", row.provider, row.checkout_id);
        Self {
            provider: row.provider,
            test_mode: row.test_mode,
            enabled: row.enabled,
            minimums: row.minimums(),
            capabilities: CapabilitiesView {
                currencies: can
                    .currencies
                    .map(|codes| codes.iter().map(ToString::to_string).collect()),
                minimums: amounts(can.minimums),
                maximum: can.maximum,
                maximums: amounts(can.maximums),
                steps: amounts(can.steps),
                flow: can.flow,
                refund: can.refund,
            },
            callback_url: (row.provider != ProviderKind::Offline).then_some(callback_url),
            unavailable_reason: (!own.is_complete(row.provider)).then_some(Unavailable::SetupIncomplete),
            publishable_key: own.publishable_key,
            secret_key_last4: own.secret_key_last4,
            webhook_secret_last4: own.webhook_secret_last4,
            merchant_id: own.merchant_id,
            site: own.site,
            mac_key_last4: own.mac_key_last4,
            benefits: own.benefits,
            payee: own.payee,
            iban: own.iban,
            bic: own.bic,
            due_days: own.due_days,
            instructions: own.instructions,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
