//! Changes a link.

use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::Validate;

use super::check::refuse_unfit;
use super::model::Link;
use super::options::{CheckoutData, CheckoutOptions, ProductOptions};
use super::store;
use super::views::{Address, LinkPatch, LinkView};
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::sellable;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::body;
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
    link.product_options = merged::<ProductOptions>(link.product_options, patch.product_options, "/product_options")?;
    link.checkout_options =
        merged::<CheckoutOptions>(link.checkout_options, patch.checkout_options, "/checkout_options")?;
    link.checkout_data = merged::<CheckoutData>(link.checkout_data, patch.checkout_data, "/checkout_data")?;
    if let Some(tags) = patch.tags {
        link.tags = tags.iter().map(ToString::to_string).collect();
    }
    if let Some(metadata) = patch.metadata {
        link.metadata = metadata.to_json();
    }
    Ok(link)
}

/// An object after a merge patch (RFC 7396), checked as if it had been sent whole.
fn merged<T: DeserializeOwned + Validate>(
    stored: Option<Value>,
    patch: Patch<Value>,
    at: &str,
) -> Result<Option<Value>, Problem> {
    let patch = match patch {
        Patch::Absent => return Ok(stored),
        Patch::Null => return Ok(None),
        Patch::Value(patch) => patch,
    };
    let mut whole = stored.unwrap_or_else(|| serde_json::json!({}));
    merge(&mut whole, patch);
    let bytes = serde_json::to_vec(&whole).map_err(Problem::internal)?;
    body::parse::<T>(&bytes).map_err(|mut problem| {
        for fault in &mut problem.errors {
            fault.pointer.insert_str(0, at);
        }
        problem
    })?;
    Ok(Some(whole))
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(changes) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = serde_json::json!({});
    }
    if let Some(members) = target.as_object_mut() {
        for (name, change) in changes {
            if change.is_null() {
                members.remove(&name);
            } else {
                merge(members.entry(name).or_insert(Value::Null), change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_merged_member_by_member() {
        // From RFC 7396, appendix A.
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, result, "{target} with {patch}");
        }
    }

    #[test]
    fn faults_point_into_the_link() {
        let patch = Patch::Value(json!({"button_color": "red"}));
        let problem = merged::<CheckoutOptions>(None, patch, "/checkout_options").expect_err("no color");
        assert_eq!(problem.errors[0].pointer, "/checkout_options/button_color");
    }
}
