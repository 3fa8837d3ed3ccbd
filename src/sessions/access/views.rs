//! What a buyer's page sends who comes back by a mail.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// A token from a mail.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderAccessInput {
    /// The last part of the address in the mail.
    #[validate(length(min = 1, max = 200, message = "must have 1 to 200 characters"))]
    #[schema(min_length = 1, max_length = 200, example = "AQGPY4dJ5k0GfTqKb0l8V3nQ7x")]
    pub token: String,
}
