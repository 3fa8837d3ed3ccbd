//! Changes an organization.

use super::model::Organization;
use super::store;
use super::views::{OrganizationPatch, OrganizationView, TaxView};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the organization is still what `if_match` names; returns it before and after.
pub async fn apply(
    tx: &mut Tx,
    id: OrganizationId,
    if_match: Option<&str>,
    patch: OrganizationPatch,
) -> Result<(OrganizationView, OrganizationView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), id).await?.ok_or_else(not_found)?;
    let before = OrganizationView::whole(current.clone());
    check_precondition(if_match, &before)?;
    store::update(tx, &patched(current, patch)?).await?;
    let after = store::find(tx.conn(), id).await?.ok_or_else(not_found)?;
    Ok((before, OrganizationView::whole(after)))
}

fn patched(mut row: Organization, patch: OrganizationPatch) -> Result<Organization, Problem> {
    row.name = patch.name.unwrap_or(row.name);
    row.business_id = patch.business_id.apply(row.business_id);
    row.vat_number = patch.vat_number.apply(row.vat_number);
    if !patch.address.is_absent() {
        let stored = row.address.and_then(|address| serde_json::from_value(address).ok());
        let address = patch.address.apply(stored, "/address")?;
        row.country = address.as_ref().map(|address| address.country);
        row.address = address.and_then(|address| serde_json::to_value(address).ok());
    }
    row.logo_url = patch.logo_url.apply(row.logo_url);
    row.education_provider = patch.education_provider.unwrap_or(row.education_provider);
    let tax = patch.tax.apply_to(TaxView::of(&row), "/tax")?;
    row.vat_registered = tax.vat_registered;
    row.union_oss = tax.union_oss;
    row.unverified_vat = tax.unverified_vat;
    row.registrations = serde_json::to_value(tax.registrations).map_err(Problem::internal)?;
    row.policies = patch.policies.patched(row.policies)?;
    row.metadata = patch.metadata.patched(row.metadata)?;
    Ok(row)
}
