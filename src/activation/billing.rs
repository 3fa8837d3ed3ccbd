//! Who is billed.

use super::settle::settle;
use super::store;
use super::views::{BillingDetailsInput, BillingDetailsView};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// Replaces the billing details whole; returns them before and after.
pub async fn put(
    tx: &mut Tx,
    organization: OrganizationId,
    if_match: Option<&str>,
    input: BillingDetailsInput,
) -> Result<(BillingDetailsView, BillingDetailsView), Problem> {
    if !organizations::lock(tx, organization).await? {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let before = BillingDetailsView::from(store::billing(tx.conn(), organization).await?);
    check_precondition(if_match, &before)?;
    store::put_billing(tx, organization, &input.into()).await?;
    settle(tx, organization).await?;
    let after = store::billing(tx.conn(), organization).await?;
    Ok((before, after.into()))
}
