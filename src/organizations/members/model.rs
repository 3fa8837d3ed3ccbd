//! Rows of members.

use diesel::QueryableByName;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};

use crate::kernel::clock::Instant;
use crate::kernel::ids::UserId;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::{Email, Name};

/// A member, with who they are.
#[derive(Clone, Debug, QueryableByName)]
pub struct Member {
    /// The person.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// Their name.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// Their address.
    #[diesel(sql_type = Text)]
    pub email: Email,
    /// Their role.
    #[diesel(sql_type = Text)]
    pub role: OrganizationRole,
    /// When they joined.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When their role last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}
