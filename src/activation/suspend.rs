//! The operator suspends an organization, and lifts it again.

use super::settle::settle;
use super::store;
use crate::db::Tx;
use crate::db::audit::{Actor, Entry, record};
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::organizations::model::OrganizationStatus;
use crate::organizations::store as organizations;

/// Suspends an organization for a reason, or lifts its suspension when there is none; returns its status from here on.
pub async fn suspend(
    tx: &mut Tx,
    keys: &Keyring,
    organization: OrganizationId,
    reason: Option<&str>,
) -> Result<OrganizationStatus, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !organizations::lock(tx, organization).await? {
        return Err(not_found());
    }
    let before = organizations::find(tx.conn(), organization)
        .await?
        .ok_or_else(not_found)?
        .status;
    store::set_suspended(tx, organization, reason).await?;
    let after = settle(tx, organization).await?;
    let state = |status: OrganizationStatus| serde_json::json!({ "status": status });
    let mut told = state(after);
    told["reason"] = reason.into();
    let entry = Entry {
        organization,
        checkout: None,
        actor: Actor::OPERATOR,
        address: None,
        request_id: None,
        action: if reason.is_some() { "suspend" } else { "lift suspension" }.to_owned(),
        object: Some(("organization".to_owned(), organization.to_string())),
        before: Some(state(before)),
        after: Some(told),
    };
    record(tx, keys, entry).await?;
    Ok(after)
}
