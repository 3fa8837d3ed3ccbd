//! Changes a link.

use super::store;
use super::views::{LinkPatch, LinkView};
use crate::checkouts;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the link is still what `if_match` names; returns it before and after.
pub async fn update(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: LinkId,
    if_match: Option<&str>,
    patch: LinkPatch,
) -> Result<(LinkView, LinkView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let mut link = store::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let shop = checkouts::store::find(tx.conn(), checkout)
        .await?
        .ok_or_else(not_found)?;
    let storefront = shop.storefront_url.as_deref();
    let before = LinkView::of(link.clone(), storefront);
    check_precondition(if_match, &before)?;
    link.name = patch.name.unwrap_or(link.name);
    link.source = patch.source.apply(link.source);
    link.active = patch.active.unwrap_or(link.active);
    link.inactive_message = patch.inactive_message.apply(link.inactive_message);
    if let Some(tags) = patch.tags {
        link.tags = tags.iter().map(ToString::to_string).collect();
    }
    if let Some(metadata) = patch.metadata {
        link.metadata = metadata.to_json();
    }
    store::update(tx, checkout, &link).await?;
    let changed = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, LinkView::of(changed, storefront)))
}
