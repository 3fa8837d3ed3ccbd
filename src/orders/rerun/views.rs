//! What staff say who have an action run again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::views::{ActionAttemptView, ActionRunView};

/// How an action is run again.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RerunInput {
    /// Needed for one that has succeeded: what it does is done again.
    #[serde(default)]
    #[schema(default = false, example = true)]
    pub confirm: bool,
    /// Needed for one that is running: the run before is cut off, and what it still answers counts for nothing.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub force: bool,
    /// Take the configuration that the action has now, for good.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub use_latest_configuration: bool,
}

/// The actions of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderActionsView {
    /// In the order of their making.
    pub data: Vec<ActionRunView>,
    /// Whether there are more after the last one.
    #[schema(example = false)]
    pub has_more: bool,
    /// What `cursor` takes to get them; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "AZNQ3mGfTqKb0l8V")]
    pub next_cursor: Option<String>,
    /// Every attempt at them, oldest first.
    pub attempts: Vec<ActionAttemptView>,
}
