//! Why a code is refused, for the buyer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DiscountRefusal)]
pub enum Refusal {
    /// There is no such code.
    NotFound,
    /// It is switched off.
    Inactive,
    /// Its time has not come.
    NotStarted,
    /// Its time is over.
    Expired,
    /// Every use is taken.
    UsageLimitReached,
    /// This e-mail address has used it as often as it may.
    CustomerLimitReached,
    /// It is for other products than those in the basket.
    NoEligibleProducts,
    /// It has no value in this currency.
    CurrencyNotSupported,
    /// What it applies to comes to too little.
    BelowMinimumAmount,
    /// What would be left to pay is too little for every payment method.
    BelowPaymentMinimum,
    /// This address holds too many codes.
    TooManyHolds,
}

impl Refusal {
    /// The word itself.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Inactive => "inactive",
            Self::NotStarted => "not_started",
            Self::Expired => "expired",
            Self::UsageLimitReached => "usage_limit_reached",
            Self::CustomerLimitReached => "customer_limit_reached",
            Self::NoEligibleProducts => "no_eligible_products",
            Self::CurrencyNotSupported => "currency_not_supported",
            Self::BelowMinimumAmount => "below_minimum_amount",
            Self::BelowPaymentMinimum => "below_payment_minimum",
            Self::TooManyHolds => "too_many_holds",
        }
    }

    /// A sentence for a person.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NotFound => "there is no such code",
            Self::Inactive => "the code is not active",
            Self::NotStarted => "the code is not valid yet",
            Self::Expired => "the code is not valid any more",
            Self::UsageLimitReached => "every use of the code is taken",
            Self::CustomerLimitReached => "the code was used as often as it may be by one customer",
            Self::NoEligibleProducts => "the code is for other products",
            Self::CurrencyNotSupported => "the code has no value in this currency",
            Self::BelowMinimumAmount => "the code needs a larger basket",
            Self::BelowPaymentMinimum => "too little would be left to pay",
            Self::TooManyHolds => "too many codes are held from this address",
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::TooManyHolds => ProblemCode::TooManyHolds,
            _ => ProblemCode::DiscountRefused,
        };
        Self::new(code)
            .detail(refusal.detail())
            .with("reason", refusal.as_str().into())
    }
}
