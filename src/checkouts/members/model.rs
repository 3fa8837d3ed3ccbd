//! Rows of people in a checkout.

use diesel::QueryableByName;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use crate::kernel::clock::Instant;
use crate::kernel::ids::UserId;
use crate::kernel::permission::CheckoutRole;
use crate::kernel::text::{Email, Name};

/// A person in a checkout.
#[derive(Clone, Debug, QueryableByName)]
pub struct CheckoutMember {
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
    pub role: CheckoutRole,
    /// By their role in the organization, and not by one given here.
    #[diesel(sql_type = Bool)]
    pub implied: bool,
    /// When they joined.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When their role last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}
