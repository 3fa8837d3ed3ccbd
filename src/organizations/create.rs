//! Makes an organization with its first owner.

use super::model::NewOrganization;
use super::store;
use super::update::apply;
use super::views::{OrganizationInput, OrganizationPatch};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::http::caller::{Principal, Staff};
use crate::kernel::country::Country;
use crate::kernel::ids::{OrganizationId, UserId};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Name;

/// An organization that is registered for VAT in its country and sells by the One Stop Shop.
pub async fn create(tx: &mut Tx, name: Name, country: Country, owner: UserId) -> Result<OrganizationId, DbError> {
    insert(tx, name, Some(country), true, owner).await
}

async fn insert(
    tx: &mut Tx,
    name: Name,
    country: Option<Country>,
    union_oss: bool,
    owner: UserId,
) -> Result<OrganizationId, DbError> {
    let organization = NewOrganization {
        id: OrganizationId::generate(tx.clock()),
        name,
        country,
        union_oss,
    };
    store::insert(tx, &organization).await?;
    store::insert_member(tx, organization.id, owner, OrganizationRole::Owner).await?;
    Ok(organization.id)
}

/// A person makes an organization and owns it.
pub async fn open(tx: &mut Tx, staff: &Staff, input: OrganizationInput) -> Result<OrganizationId, Problem> {
    let owner = match staff.principal {
        // A narrowed token names what it reaches; what does not exist yet cannot be among it.
        Principal::User(user) if staff.caps.is_none() => user,
        Principal::User(_) | Principal::Key { .. } => {
            return Err(
                Problem::new(ProblemCode::Forbidden).detail("only a person who is signed in can make an organization")
            );
        }
    };
    let name = input.name.clone();
    let id = insert(tx, name, None, false, owner).await?;
    apply(tx, id, None, OrganizationPatch::from(input)).await?;
    Ok(id)
}
