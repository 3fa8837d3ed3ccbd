//! What somebody says who wants the way back to their order.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::ask::Asked;
use crate::kernel::text::{Email, Slug};

/// An order and its buyer.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderAccessRequestInput {
    /// The checkout's slug.
    pub checkout: Slug,
    /// The order's number.
    #[validate(range(min = 1, message = "must be 1 or more"))]
    #[schema(minimum = 1, example = 1001)]
    pub number: i64,
    /// The buyer's address.
    pub email: Email,
    /// Of the test orders instead of the live ones: each have numbers of their own.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub test_mode: bool,
}

impl From<OrderAccessRequestInput> for Asked {
    fn from(input: OrderAccessRequestInput) -> Self {
        Self {
            checkout: input.checkout,
            number: input.number,
            test_mode: input.test_mode,
            email: input.email,
        }
    }
}
