//! Entries of a timeline.

use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::kernel::clock::Instant;

/// Something that happened to an order.
#[derive(Clone, Debug, QueryableByName)]
pub struct Entry {
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: Instant,
    /// What kind of thing.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What it was.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// More of it, for people.
    #[diesel(sql_type = Nullable<Text>)]
    pub detail: Option<String>,
    /// What made it, if it was staff.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor_type: Option<String>,
    /// Who.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub actor_id: Option<Uuid>,
}
