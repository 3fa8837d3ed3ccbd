//! Whether what a link asks for can be had.

use super::basket::enabled;
use super::model::LinkTerms;
use crate::catalog::offers::sellable::SellableItem;
use crate::kernel::ids::VariantId;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;

/// Refuses terms that cannot be met by what the offer sells, each fault with its pointer.
pub fn refuse_unfit(terms: &LinkTerms, items: &[SellableItem]) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let unknown = |pointer: String| Fault::new(pointer, "not_found", "the offer does not sell this variant");
    let sells = |id: VariantId| items.iter().any(|item| item.variants.iter().any(|v| v.id == id));
    let options = &terms.product_options;
    for (place, id) in options.enabled_variants.iter().enumerate() {
        if !sells(*id) {
            faults.push(unknown(format!("/product_options/enabled_variants/{place}")));
        }
    }
    if let Some(id) = terms.variant_id {
        if !sells(id) {
            faults.push(unknown("/variant_id".to_owned()));
        } else if !items.iter().any(|item| enabled(terms, item).iter().any(|v| v.id == id)) {
            faults.push(Fault::new(
                "/variant_id",
                "not_enabled",
                "enabled_variants does not have this variant",
            ));
        }
    }
    if terms.custom_price.is_some() && terms.currency.is_none() {
        faults.push(Fault::new("/currency", "required", "a custom price is in one currency"));
    }
    let data = &terms.checkout_data;
    for (place, listed) in data.variant_quantities.iter().enumerate() {
        let at = |field: &str| format!("/checkout_data/variant_quantities/{place}/{field}");
        let holds = |item: &&SellableItem, id| enabled(terms, item).iter().any(|v| v.id == id);
        let Some(item) = items.iter().find(|item| holds(item, listed.variant_id)) else {
            faults.push(unknown(at("variant_id")));
            continue;
        };
        let earlier = &data.variant_quantities[..place];
        if earlier.iter().any(|other| holds(&item, other.variant_id)) {
            faults.push(Fault::new(at("variant_id"), "duplicate", "one variant of each product"));
        }
        let (min, max) = (item.item.quantity_min, item.item.quantity_max);
        if !(min..=max).contains(&listed.quantity) {
            faults.push(Fault::new(at("quantity"), "range", format!("must be {min} to {max}")));
        }
    }
    for (place, part) in data.locked.iter().enumerate() {
        if !data.fills(*part) {
            faults.push(Fault::new(
                format!("/checkout_data/locked/{place}"),
                "nothing_to_lock",
                format!("{} is not filled in", part.as_str()),
            ));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::ValidationFailed).errors(faults))
    }
}
