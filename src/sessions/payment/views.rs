//! What buyers' pages send and see of payments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::text::web_address;
use crate::orders::buyer::views::BuyerOrderView;
use crate::payments::methods::{Method, Unavailable};
use crate::payments::model::{ProviderKind, Way};
use crate::payments::views::BuyerPaymentView;
use crate::sessions::views::ConsentsInput;

/// A confirmation.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmInput {
    /// The total that the buyer saw, in minor units. If it is no longer that, nothing happens and the answer has the new quote.
    #[schema(example = 3900, minimum = 0, maximum = 99_999_999_999_i64)]
    pub expected_total: i64,
    /// How the buyer pays: one of the session's `payment_methods`.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// Which of the provider's own ways: one of its `methods`, or absent to let the buyer choose there.
    #[serde(default)]
    #[validate(length(max = 50, message = "must have at most 50 characters"))]
    #[schema(max_length = 50, example = "bank")]
    pub method: Option<String>,
    /// Where the buyer's browser goes when the provider is done: https, of the checkout's storefront or one of its `return_origins`.
    #[serde(default)]
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, format = "uri", example = "https://shop.example.com/thanks")]
    pub return_url: Option<String>,
    /// Where it goes when the buyer gives up.
    #[serde(default)]
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, format = "uri", example = "https://shop.example.com/basket")]
    pub cancel_url: Option<String>,
    /// What the buyer agrees to, over what the session has already.
    #[serde(default)]
    #[validate(nested)]
    pub consents: ConsentsInput,
}

/// Another attempt to pay, by the same way or another.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentInput {
    /// How the buyer pays: one of the session's `payment_methods`.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// Which of the provider's own ways: one of its `methods`, or absent to let the buyer choose there.
    #[serde(default)]
    #[validate(length(max = 50, message = "must have at most 50 characters"))]
    #[schema(max_length = 50, example = "bank")]
    pub method: Option<String>,
    /// Where the buyer's browser goes when the provider is done; as before when absent.
    #[serde(default)]
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, format = "uri", example = "https://shop.example.com/thanks")]
    pub return_url: Option<String>,
    /// Where it goes when the buyer gives up; as before when absent.
    #[serde(default)]
    #[validate(custom(function = "web_address"))]
    #[schema(max_length = 2048, format = "uri", example = "https://shop.example.com/basket")]
    pub cancel_url: Option<String>,
}

impl ConfirmInput {
    /// How the buyer pays.
    pub fn way(&self) -> Way {
        Way {
            provider: self.provider,
            method: self.method.clone(),
        }
    }
}

impl PaymentInput {
    /// How the buyer pays.
    pub fn way(&self) -> Way {
        Way {
            provider: self.provider,
            method: self.method.clone(),
        }
    }
}

/// How a test payment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// The money is there.
    Succeeded,
    /// The provider says no.
    Failed,
    /// Still undecided.
    Pending,
}

/// The outcome of a test payment.
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestPaymentInput {
    /// How it ends.
    pub outcome: TestOutcome,
}

/// The order of a session and the attempt to pay it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderAndPayment {
    /// The order.
    pub order: BuyerOrderView,
    /// The open attempt, or the last one.
    pub payment: BuyerPaymentView,
}

/// A way to pay.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub struct PaymentMethodView {
    /// Who takes the money.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// The provider's own ways that a page may let the buyer choose from; empty when there is one only.
    #[schema(example = json!([]))]
    pub methods: Vec<String>,
    /// Whether it can be used now.
    #[schema(example = true)]
    pub available: bool,
    /// Why not.
    pub unavailable_reason: Option<Unavailable>,
}

impl From<Method> for PaymentMethodView {
    fn from(method: Method) -> Self {
        Self {
            provider: method.provider,
            methods: method.methods,
            available: method.unavailable.is_none(),
            unavailable_reason: method.unavailable,
        }
    }
}
