//! Revokes a key: gone with its next use, on every instance.

use super::model::KeyDetail;
use super::store;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::policy::require;
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId};
use crate::kernel::permission::{OrganizationRole, Permission, Permissions};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Revokes a key of an organization, or of one checkout of it, with every key that it made, and returns what it was. A key with the
/// role of an owner is revoked by owners only.
pub async fn revoke(
    tx: &mut Tx,
    organization: OrganizationId,
    checkout: Option<CheckoutId>,
    permissions: Permissions,
    id: ApiKeyId,
    if_match: Option<&str>,
) -> Result<KeyDetail, Problem> {
    let found = store::find(tx.conn(), organization, id).await?;
    let found = found
        .filter(|found| checkout.is_none() || found.key.checkout_id == checkout)
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if found.key.organization_role == Some(OrganizationRole::Owner) {
        require(permissions, Permission::OwnersWrite)?;
    }
    check_precondition(if_match, &super::views::ApiKeyView::from(found.clone()))?;
    // What a leaked key made is as leaked as the key, and so on: each generation is revoked before the next is looked for, so
    // that none is made in between.
    let mut generation = vec![id];
    while !generation.is_empty() {
        let revoked = store::revoke(tx, organization, &generation).await?;
        if revoked == 0 && generation == [id] {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        generation = store::lock_made_by(tx, organization, &generation).await?;
    }
    Ok(found)
}
