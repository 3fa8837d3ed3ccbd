//! What a browser sees that comes back from a provider to a merchant without pages.

use serde::Serialize;
use utoipa::ToSchema;

/// A word to the buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BuyerIsBack)]
pub struct BackView {
    /// In English.
    #[schema(example = "You can close this page and go back to the shop.")]
    pub detail: String,
}
