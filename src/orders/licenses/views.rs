//! What staff send who deliver by hand.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::places::each;

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
    each(licenses, |text| {
        if !text.trim().is_empty() && text.len() <= 20_000 {
            return Ok(());
        }
        Err(ValidationError::new("invalid").with_message("must have 1 to 20000 bytes".into()))
    })
}
