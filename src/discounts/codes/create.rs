//! Makes codes.

use super::model::{CodeDetail, DiscountType, NewCode, RefundPolicy};
use super::store;
use super::views::{AmountView, DiscountCodeInput};
use crate::db::Tx;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{CheckoutId, DiscountCodeId};
use crate::kernel::money::Currency;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;

/// Makes a code. Its text must be free among those not put away.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: DiscountCodeInput) -> Result<CodeDetail, Problem> {
    let products = store::known_products(tx.conn(), checkout, input.product_ids.clone()).await?;
    let new = new_code(tx.clock(), input);
    let faults = faults(&new, &products, "");
    if !faults.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(faults));
    }
    let id = new.id;
    if store::insert(tx, checkout, &[new]).await?.is_empty() {
        return Err(taken());
    }
    let made = store::find(tx.conn(), tx.offset_ms(), checkout, id, false).await?;
    made.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

/// Another code of the checkout has this text.
pub(super) fn taken() -> Problem {
    let detail = "another code of this checkout has this text";
    Problem::new(ProblemCode::NameTaken)
        .detail(detail)
        .errors(vec![Fault::new("/code", "taken", detail)])
}

pub(super) fn new_code(clock: &Clock, input: DiscountCodeInput) -> NewCode {
    NewCode {
        id: DiscountCodeId::generate(clock),
        amounts: amounts(&input.amounts, &input.minimum_amounts),
        code: input.code,
        description: input.description,
        discount_type: input.discount_type,
        percentage: input.percentage,
        exclude_discounted_products: input.exclude_discounted_products,
        product_ids: input.product_ids,
        refund_policy: input.refund_policy.unwrap_or(RefundPolicy::Keep),
        active: input.active.unwrap_or(true),
        valid_from: input.valid_from.map(|at| at.0),
        expires_at: input.expires_at.map(|at| at.0),
        usage_limit: input.usage_limit,
        max_per_customer: input.max_per_customer,
        metadata: input.metadata.to_json(),
    }
}

/// Amounts and minimums side by side, one row per currency.
pub(super) fn amounts(amounts: &[AmountView], minimums: &[AmountView]) -> Vec<(Currency, Option<i64>, Option<i64>)> {
    let of = |list: &[AmountView], currency| list.iter().find(|row| row.currency == currency).map(|row| row.amount);
    let mut currencies: Vec<Currency> = amounts.iter().chain(minimums).map(|row| row.currency).collect();
    currencies.sort_by_key(ToString::to_string);
    currencies.dedup();
    let rows = currencies.into_iter();
    rows.map(|currency| (currency, of(amounts, currency), of(minimums, currency)))
        .collect()
}

/// What contradicts itself in a code.
pub(super) fn faults(code: &NewCode, products: &[crate::kernel::ids::ProductId], prefix: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault =
        |pointer: &str, word: &str, detail: &str| faults.push(Fault::new(format!("{prefix}{pointer}"), word, detail));
    let has_amounts = code.amounts.iter().any(|(_, amount, _)| amount.is_some());
    match (code.discount_type, code.percentage.is_some(), has_amounts) {
        (DiscountType::Percentage, false, _) => fault("/percentage", "required", "a percentage code has a percentage"),
        (DiscountType::Percentage, true, true) => fault("/amounts", "not_allowed", "a percentage code has no amounts"),
        (DiscountType::FixedAmount, true, _) => {
            fault("/percentage", "not_allowed", "a fixed amount code has no percentage")
        }
        (DiscountType::FixedAmount, false, false) => fault("/amounts", "required", "a fixed amount code has an amount"),
        (DiscountType::Percentage, true, false) | (DiscountType::FixedAmount, false, true) => {}
    }
    if code
        .valid_from
        .zip(code.expires_at)
        .is_some_and(|(from, to)| from >= to)
    {
        fault("/expires_at", "range", "must be after valid_from");
    }
    for (index, product) in code.product_ids.iter().enumerate() {
        if !products.contains(product) {
            fault(
                &format!("/product_ids/{index}"),
                "not_found",
                "no such product in this checkout",
            );
        } else if code.product_ids[..index].contains(product) {
            fault(&format!("/product_ids/{index}"), "duplicate", "each product once");
        }
    }
    faults
}
