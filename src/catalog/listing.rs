//! What lists of the catalogue take.

use serde::Deserialize;
use utoipa::IntoParams;

use super::products::model::CatalogStatus;

/// Which things to list, and where to go on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatusQuery {
    /// Those in use (`active`, the default) or those put away (`archived`).
    #[param(example = "archived")]
    pub status: Option<CatalogStatus>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    pub cursor: Option<String>,
}

impl StatusQuery {
    /// The status asked for.
    pub fn status(&self) -> CatalogStatus {
        self.status.unwrap_or(CatalogStatus::Active)
    }
}
