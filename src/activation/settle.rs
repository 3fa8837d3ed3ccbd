//! Draws the consequence of a change: the organization's status, and every checkout that closes or opens with it.

use super::store;
use crate::checkouts::store as checkouts;
use crate::checkouts::update::changed_state;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::publish_each;
use crate::kernel::ids::OrganizationId;
use crate::organizations::model::OrganizationStatus;
use crate::organizations::store as organizations;

/// Settles an organization that the caller has locked.
pub async fn settle(tx: &mut Tx, organization: OrganizationId) -> Result<OrganizationStatus, DbError> {
    let row = organizations::find(tx.conn(), organization)
        .await?
        .ok_or(DbError::Stale)?;
    let complete = row.missing_details.is_empty() && row.card_present;
    let status = if store::is_suspended(tx, organization).await? {
        OrganizationStatus::Suspended
    } else if complete {
        OrganizationStatus::Active
    } else {
        OrganizationStatus::Inactive
    };
    if status == row.status {
        return Ok(status);
    }
    store::set_status(tx, organization, status).await?;
    let sold = row.status == OrganizationStatus::Active;
    let sells = status == OrganizationStatus::Active;
    if sold != sells {
        tell(tx, organization, sells).await?;
    }
    Ok(status)
}

/// Every checkout that the merchant has opened says that it sells, or sells no more.
async fn tell(tx: &mut Tx, organization: OrganizationId, sells: bool) -> Result<(), DbError> {
    let ids = checkouts::lock_open(tx, organization)
        .await?
        .iter()
        .map(|row| row.id)
        .collect();
    checkouts::bump(tx, organization, ids).await?;
    let told = checkouts::lock_open(tx, organization).await?;
    let events = told.iter().map(|row| Ok((row.id, changed_state(row, sells)?)));
    publish_each(tx, events.collect::<Result<_, DbError>>()?).await
}
