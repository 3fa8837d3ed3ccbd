//! Changes a code.

use super::create::{amounts, faults, taken};
use super::model::{CodeDetail, NewCode};
use super::store;
use super::store::was_redeemed;
use super::views::{AmountView, DiscountCodePatch, DiscountCodeView};
use crate::db::Tx;
use crate::discounts::holds::release::release_baskets;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, DiscountCodeId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Applies a merge patch, provided the code is still what `if_match` names; returns it before and after. What it is worth stays
/// once it was redeemed; switching it off ends the holds of buyers who have not gone to payment.
pub async fn update(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: DiscountCodeId,
    if_match: Option<&str>,
    patch: DiscountCodePatch,
) -> Result<(DiscountCodeView, DiscountCodeView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), tx.offset_ms(), checkout, id, false)
        .await?
        .ok_or_else(not_found)?;
    let before = DiscountCodeView::from(current.clone());
    check_precondition(if_match, &before)?;
    let changed = patched(&current, &patch)?;
    let known = store::known_products(tx.conn(), checkout, changed.product_ids.clone()).await?;
    let wrong = faults(&changed, &known, "");
    if !wrong.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(wrong));
    }
    let worth_changes = worth(&changed) != worth(&as_new(&current));
    if worth_changes && was_redeemed(tx, checkout, id).await? {
        return Err(Problem::new(ProblemCode::DiscountRedeemed));
    }
    let mut row = current.code.clone();
    row.code = changed.code.clone();
    row.description = changed.description.clone();
    row.discount_type = changed.discount_type;
    row.percentage = changed.percentage;
    row.exclude_discounted_products = changed.exclude_discounted_products;
    row.refund_policy = changed.refund_policy;
    row.active = changed.active;
    row.valid_from = changed.valid_from;
    row.expires_at = changed.expires_at;
    row.usage_limit = changed.usage_limit;
    row.max_per_customer = changed.max_per_customer;
    row.metadata = changed.metadata.clone();
    let updated = store::update(tx, checkout, &row).await;
    updated.map_err(|error| match error.constraint() {
        Some("discount_codes_code_unique") => taken(),
        _ => error.into(),
    })?;
    if worth_changes {
        store::replace_amounts(tx, checkout, id, &changed.amounts).await?;
        store::replace_products(tx, checkout, id, &changed.product_ids).await?;
    }
    if row.usage_limit != current.code.usage_limit {
        store::set_limit(tx, checkout, id, row.usage_limit).await?;
    }
    if current.code.active && !row.active {
        release_baskets(tx, checkout, id).await?;
    }
    let after = store::find(tx.conn(), tx.offset_ms(), checkout, id, false)
        .await?
        .ok_or_else(not_found)?;
    Ok((before, after.into()))
}

/// What a code is worth: everything that decides how much it takes off, and of what.
fn worth(code: &NewCode) -> impl PartialEq + use<> {
    // In whatever order it names them.
    let mut products = code.product_ids.clone();
    products.sort_by_key(|id| id.uuid());
    (
        code.discount_type,
        code.percentage.map(|percentage| percentage.normalize()),
        code.amounts.clone(),
        code.exclude_discounted_products,
        products,
    )
}

fn as_new(detail: &CodeDetail) -> NewCode {
    let row = &detail.code;
    NewCode {
        id: row.id,
        code: row.code.clone(),
        description: row.description.clone(),
        discount_type: row.discount_type,
        percentage: row.percentage,
        amounts: amounts(&of(detail, |row| row.amount), &of(detail, |row| row.minimum_amount)),
        exclude_discounted_products: row.exclude_discounted_products,
        product_ids: row.product_ids.clone(),
        refund_policy: row.refund_policy,
        active: row.active,
        valid_from: row.valid_from,
        expires_at: row.expires_at,
        usage_limit: row.usage_limit,
        max_per_customer: row.max_per_customer,
        metadata: row.metadata.clone(),
    }
}

fn of(detail: &CodeDetail, value: fn(&super::model::CodeAmount) -> Option<i64>) -> Vec<AmountView> {
    let rows = detail.amounts.iter();
    rows.filter_map(|row| {
        Some(AmountView {
            currency: row.currency,
            amount: value(row)?,
        })
    })
    .collect()
}

fn patched(current: &CodeDetail, patch: &DiscountCodePatch) -> Result<NewCode, Problem> {
    let patch = patch.clone();
    let mut code = as_new(current);
    code.code = patch.code.unwrap_or(code.code);
    code.description = patch.description.apply(code.description);
    code.discount_type = patch.discount_type.unwrap_or(code.discount_type);
    code.percentage = patch.percentage.apply(code.percentage);
    let off = patch.amounts.unwrap_or_else(|| of(current, |row| row.amount));
    let minimums = patch
        .minimum_amounts
        .unwrap_or_else(|| of(current, |row| row.minimum_amount));
    code.amounts = amounts(&off, &minimums);
    code.exclude_discounted_products = patch
        .exclude_discounted_products
        .unwrap_or(code.exclude_discounted_products);
    code.product_ids = patch.product_ids.unwrap_or(code.product_ids);
    code.refund_policy = patch.refund_policy.unwrap_or(code.refund_policy);
    code.active = patch.active.unwrap_or(code.active);
    code.valid_from = moment(patch.valid_from, code.valid_from);
    code.expires_at = moment(patch.expires_at, code.expires_at);
    code.usage_limit = patch.usage_limit.apply(code.usage_limit);
    code.max_per_customer = patch.max_per_customer.apply(code.max_per_customer);
    code.metadata = patch.metadata.patched(code.metadata)?;
    Ok(code)
}

fn moment(
    patch: crate::kernel::patch::Patch<crate::kernel::moment::Moment>,
    current: Option<crate::kernel::clock::Instant>,
) -> Option<crate::kernel::clock::Instant> {
    patch.apply(current.map(crate::kernel::moment::Moment)).map(|at| at.0)
}
