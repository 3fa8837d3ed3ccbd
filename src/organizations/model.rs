//! Rows of organizations and their members.

use diesel::QueryableByName;

use crate::db::schema::organizations;
use crate::kernel::country::Country;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::Name;

/// A tenant.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = organizations)]
pub struct Organization {
    /// The organization.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Where it is established.
    pub country: Country,
    /// Registered for VAT there.
    pub vat_registered: bool,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    pub union_oss: bool,
}
