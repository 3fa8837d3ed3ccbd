//! Keys as the API takes and shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::LicenseKey;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{LicenseKeyId, LineId};

/// Keys to be brought in.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LicenseKeysInput)]
pub struct ImportInput {
    /// The keys. Space around one is taken off.
    #[validate(length(min = 1, max = 5000, message = "must be 1 to 5000 keys"))]
    #[schema(min_items = 1, max_items = 5000, example = json!(["AAAA-BBBB-CCCC-DDDD"]))]
    pub keys: Vec<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = LicenseKeysImported)]
pub struct ImportView {
    /// How many keys were added.
    #[schema(example = 1, minimum = 0)]
    pub imported: i64,
    /// How many were there already, or sent twice.
    #[schema(example = 0, minimum = 0)]
    pub duplicates: i64,
}

/// A key in a pool.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LicenseKey)]
pub struct LicenseKeyView {
    /// The key's id.
    pub id: LicenseKeyId,
    /// The key itself; of one that is not sold, its end for who may not change the catalogue.
    #[schema(example = "AAAA-BBBB-CCCC-DDDD")]
    pub key: String,
    /// Whether it was given to somebody.
    #[schema(example = "available", examples("available", "given"))]
    pub state: &'static str,
    /// The line of an order that it was given to, for ever.
    pub order_line_id: Option<LineId>,
    /// When it was given.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub given_at: Option<String>,
    /// When it was brought in.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it was brought in or given.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl LicenseKeyView {
    /// A key as somebody may see it: whole, or the end of what is not sold.
    pub fn of(row: LicenseKey, whole: bool) -> Self {
        Self {
            id: row.id,
            key: match whole || row.taken_at.is_some() {
                true => row.key,
                false => end(&row.key),
            },
            state: if row.taken_at.is_some() { "given" } else { "available" },
            order_line_id: row.order_line_id,
            given_at: row.taken_at.as_ref().map(rfc3339),
            updated_at: rfc3339(row.taken_at.as_ref().unwrap_or(&row.created_at)),
            created_at: rfc3339(&row.created_at),
        }
    }
}

/// The last four characters, of a key that is longer than eight.
fn end(key: &str) -> String {
    let length = key.chars().count();
    let shown = if length > 8 { 4 } else { 0 };
    let end: String = key.chars().skip(length - shown).collect();
    format!("…{end}")
}
