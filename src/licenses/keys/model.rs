//! Rows of keys.

use diesel::QueryableByName;

use crate::db::schema::license_keys;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{LicenseKeyId, LineId};

/// A key in a pool.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = license_keys)]
pub struct LicenseKey {
    /// The key's id.
    pub id: LicenseKeyId,
    /// The key itself.
    pub key: String,
    /// The line it was given to.
    pub order_line_id: Option<LineId>,
    /// When.
    pub taken_at: Option<Instant>,
    /// When it was brought in.
    pub created_at: Instant,
}

/// A key that was just taken.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = license_keys)]
pub struct Taken {
    /// The key's id.
    pub id: LicenseKeyId,
    /// The key itself.
    pub key: String,
}
