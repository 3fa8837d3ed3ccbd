//! Puts a code away, and takes it back.

use super::create::taken;
use super::store;
use super::views::DiscountCodeView;
use crate::db::Tx;
use crate::discounts::holds::release::release_baskets;
use crate::http::answer::check_precondition;
use crate::kernel::ids::{CheckoutId, DiscountCodeId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Puts a code away: nobody can apply it any more, holds in baskets end, its text is free. Returns what it was.
pub async fn archive(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: DiscountCodeId,
    if_match: Option<&str>,
) -> Result<DiscountCodeView, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let current = store::find(tx.conn(), tx.offset_ms(), checkout, id, false)
        .await?
        .ok_or_else(not_found)?;
    let archived = current.code.archived_at.is_some();
    let before = DiscountCodeView::from(current);
    check_precondition(if_match, &before)?;
    if archived {
        return Err(not_found());
    }
    store::set_archived(tx, checkout, id, true).await?;
    release_baskets(tx, checkout, id).await?;
    Ok(before)
}

/// Takes a code back, unless another has its text by now; returns it before and after.
pub async fn restore(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: DiscountCodeId,
) -> Result<(DiscountCodeView, DiscountCodeView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !store::lock(tx, checkout, id).await? {
        return Err(not_found());
    }
    let before = store::find(tx.conn(), tx.offset_ms(), checkout, id, false)
        .await?
        .ok_or_else(not_found)?;
    if before.code.archived_at.is_some() {
        let restored = store::set_archived(tx, checkout, id, false).await;
        restored.map_err(|error| match error.constraint() {
            Some("discount_codes_code_unique") => taken(),
            _ => error.into(),
        })?;
    }
    let after = store::find(tx.conn(), tx.offset_ms(), checkout, id, false)
        .await?
        .ok_or_else(not_found)?;
    Ok((before.into(), after.into()))
}
