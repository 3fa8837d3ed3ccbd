//! Puts a link away, and takes it out again. It opens no session in the meantime; sessions that are open go on.

use super::store;
use super::views::{Address, LinkView};
use crate::catalog::products::model::CatalogStatus;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Gives a link another status; one that has it already stays as it is. Returns it before and after.
pub async fn set_status(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: LinkId,
    if_match: Option<&str>,
    address: &Address<'_>,
    status: CatalogStatus,
) -> Result<(LinkView, LinkView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let mut link = store::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let before = LinkView::of(link.clone(), address);
    check_precondition(if_match, &before)?;
    if link.status == status {
        return Ok((before, LinkView::of(link, address)));
    }
    link.status = status;
    store::update(tx, checkout, &link).await?;
    let after = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, LinkView::of(after, address)))
}
