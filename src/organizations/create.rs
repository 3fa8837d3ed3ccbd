//! Makes an organization with its first owner.

use super::model::Organization;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::country::Country;
use crate::kernel::ids::{OrganizationId, UserId};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::Name;

/// An organization that is registered for VAT in its country and sells by the One Stop Shop.
pub async fn create(tx: &mut Tx, name: Name, country: Country, owner: UserId) -> Result<OrganizationId, DbError> {
    let organization = Organization {
        id: OrganizationId::generate(tx.clock()),
        name,
        country,
        vat_registered: true,
        union_oss: true,
    };
    store::insert(tx, &organization).await?;
    store::insert_member(tx, organization.id, owner, OrganizationRole::Owner).await?;
    Ok(organization.id)
}
