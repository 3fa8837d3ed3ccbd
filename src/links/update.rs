//! Changes a link.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::Validate;

use super::check::refuse_unfit;
use super::model::Link;
use super::store;
use super::views::{Address, LinkPatch, LinkView};
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::sellable;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::merge_patch::Merge;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the link is still what `if_match` names.
pub async fn update(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: LinkId,
    if_match: Option<&str>,
    address: &Address<'_>,
    patch: LinkPatch,
) -> Result<(LinkView, LinkView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let link = store::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let before = LinkView::of(link.clone(), address);
    check_precondition(if_match, &before)?;
    let limit = link.max_orders;
    // What has been archived since does not stand in the way of other changes.
    let new_terms = patch.changes_terms();
    let link = patched(link, patch)?;
    if new_terms {
        let items = sellable(tx.conn(), Through::Offer(checkout, link.offer_id)).await?;
        refuse_unfit(&link.terms(), &items)?;
    }
    store::update(tx, checkout, &link).await?;
    if link.max_orders != limit {
        store::set_limit(tx, checkout, id, link.max_orders).await?;
    }
    let after = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    Ok((before, LinkView::of(after, address)))
}

fn patched(mut link: Link, patch: LinkPatch) -> Result<Link, Problem> {
    link.name = patch.name.unwrap_or(link.name);
    link.source = patch.source.apply(link.source);
    link.active = patch.active.unwrap_or(link.active);
    link.inactive_message = patch.inactive_message.apply(link.inactive_message);
    link.expires_at = match patch.expires_at {
        Patch::Absent => link.expires_at,
        Patch::Null => None,
        Patch::Value(moment) => Some(moment.0),
    };
    link.max_orders = patch.max_orders.apply(link.max_orders);
    link.external_id = patch.external_id.apply(link.external_id);
    link.variant_id = patch.variant_id.apply(link.variant_id);
    link.currency = patch.currency.apply(link.currency);
    link.custom_price = patch.custom_price.apply(link.custom_price);
    link.product_options = merged(link.product_options, patch.product_options, "/product_options")?;
    link.checkout_options = merged(link.checkout_options, patch.checkout_options, "/checkout_options")?;
    link.checkout_data = merged(link.checkout_data, patch.checkout_data, "/checkout_data")?;
    if let Some(tags) = patch.tags {
        link.tags = tags.iter().map(ToString::to_string).collect();
    }
    link.metadata = patch.metadata.patched(link.metadata)?;
    Ok(link)
}

fn parsed<T: DeserializeOwned>(stored: Option<Value>) -> Option<T> {
    stored.and_then(|stored| serde_json::from_value(stored).ok())
}

fn merged<T>(stored: Option<Value>, patch: Merge<T>, at: &str) -> Result<Option<Value>, Problem>
where
    T: Serialize + DeserializeOwned + Validate,
{
    if patch.is_absent() {
        return Ok(stored);
    }
    let whole = patch.apply(parsed(stored), at)?;
    whole.map(serde_json::to_value).transpose().map_err(Problem::internal)
}
