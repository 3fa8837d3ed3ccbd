//! What a caller may do in an organization that a body names, where no path could say it.

use super::api_keys::store as keys;
use super::store;
use crate::db::Conn;
use crate::db::error::DbError;
use crate::http::caller::{Principal, Staff};
use crate::kernel::ids::OrganizationId;
use crate::kernel::permission::{Grants, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::tenant::Tenant;

/// Refuses unless the caller has the permission in the organization: 404 when they may not see it, 403 when they may.
pub async fn require_in_organization(
    conn: &Conn,
    offset_ms: i64,
    staff: &Staff,
    organization: OrganizationId,
    needed: Permission,
) -> Result<(), Problem> {
    let grants = grants(conn, offset_ms, staff, organization).await?;
    let permissions = grants.and_then(|grants| staff.narrowed_in_organization(organization, grants));
    staff.require(permissions.ok_or_else(|| Problem::new(ProblemCode::NotFound))?, needed)
}

async fn grants(
    conn: &Conn,
    offset_ms: i64,
    staff: &Staff,
    organization: OrganizationId,
) -> Result<Option<Grants>, DbError> {
    match staff.principal {
        Principal::User(user) => {
            let standing = store::standing_in(conn, user, organization).await?;
            Ok(standing.map(|standing| standing.grants()))
        }
        Principal::Key { organization: own, key } => {
            let tenant = Some(Tenant::Organization(organization));
            let standing = keys::standing(conn, offset_ms, own, key, tenant).await?;
            Ok(standing
                .filter(|standing| standing.tenant_id.is_some())
                .map(|standing| Grants {
                    organization: standing.organization_role,
                    checkout: None,
                }))
        }
    }
}
