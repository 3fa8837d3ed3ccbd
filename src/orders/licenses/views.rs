//! What staff send who deliver by hand.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// What is delivered.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverInput {
    /// The licenses, which are mailed to the buyer; none when the delivery has no license.
    #[validate(length(max = 100, message = "at most 100 licenses"), custom(function = "fit"))]
    #[serde(default)]
    #[schema(max_items = 100, required = false, example = json!(["AAAA-BBBB-CCCC-DDDD"]))]
    pub licenses: Vec<String>,
}

fn fit(licenses: &[String]) -> Result<(), ValidationError> {
    let fits = |text: &String| !text.trim().is_empty() && text.len() <= 20_000;
    if licenses.iter().all(fits) {
        return Ok(());
    }
    Err(ValidationError::new("invalid").with_message("each must have 1 to 20000 bytes".into()))
}
