//! Replaces the look or the form of a page.

use super::form::BillingForm;
use super::store;
use super::style::Style;
use crate::checkouts::store as checkouts;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Replaces the look whole; returns it before and after.
pub async fn style(
    tx: &mut Tx,
    checkout: CheckoutId,
    if_match: Option<&str>,
    style: Style,
) -> Result<(Style, Style), Problem> {
    lock(tx, checkout).await?;
    let before = Style::from_json(store::find(tx.conn(), checkout).await?.style);
    check_precondition(if_match, &before)?;
    let kept = serde_json::to_value(&style).map_err(Problem::internal)?;
    store::put_style(tx, checkout, &kept).await?;
    Ok((before, style))
}

/// Replaces the form whole; returns it before and after, every field in its place.
pub async fn form(
    tx: &mut Tx,
    checkout: CheckoutId,
    if_match: Option<&str>,
    form: BillingForm,
) -> Result<(BillingForm, BillingForm), Problem> {
    form.check()?;
    lock(tx, checkout).await?;
    let before = BillingForm::from_json(store::find(tx.conn(), checkout).await?.billing_form);
    check_precondition(if_match, &before)?;
    let kept = serde_json::to_value(&form.fields).map_err(Problem::internal)?;
    store::put_form(tx, checkout, &kept).await?;
    Ok((before, BillingForm::from_json(kept)))
}

async fn lock(tx: &mut Tx, checkout: CheckoutId) -> Result<(), Problem> {
    let found = checkouts::lock(tx, checkout).await?;
    found.map(drop).ok_or_else(|| Problem::new(ProblemCode::NotFound))
}
