//! Changes one line of a basket.

use super::change::{finish, lock_open};
use super::model::SessionLine;
use super::store;
use super::views::LinePatch;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, LineId, SessionId, VariantId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::links::deal::locked;
use crate::links::options::Prefilled;
use crate::links::store::find_behind_session;
use crate::orders::model::LineRole;
use crate::sessions::model::Session;
use crate::sessions::quote::Quoted;

/// Applies a merge patch to a line.
pub async fn update(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    line: LineId,
    patch: LinePatch,
) -> Result<Quoted, Problem> {
    let session = lock_open(tx, checkout, id).await?;
    let lines = store::lines(tx.conn(), checkout, &session).await?;
    let mut changed = one(&lines, line)?.clone();
    let fixed = is_fixed(&session, &changed);
    if let Some(quantity) = patch.quantity {
        if fixed && quantity != changed.quantity {
            return Err(locked("/quantity".to_owned()));
        }
        changed.quantity = within("/quantity", quantity, changed.quantity_min, changed.quantity_max)?;
    }
    if let Some(variant) = patch.variant_id.filter(|variant| *variant != changed.variant_id) {
        if fixed {
            return Err(locked("/variant_id".to_owned()));
        }
        check_variant(tx, checkout, &changed, variant).await?;
        changed.variant_id = variant;
    }
    if let Some(selected) = patch.selected.filter(|selected| *selected != changed.selected) {
        if fixed {
            return Err(locked("/selected".to_owned()));
        }
        if !changed.optional {
            return Err(Problem::invalid(
                "/selected",
                "required",
                "this line cannot be left out",
            ));
        }
        changed.selected = selected;
    }
    store::update(tx, checkout, &changed).await?;
    finish(tx, keys, checkout, session).await
}

/// Takes a line out: an optional one is no longer chosen, one of another link or of an add-on is gone.
pub async fn remove(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    line: LineId,
) -> Result<(), Problem> {
    let session = lock_open(tx, checkout, id).await?;
    let lines = store::lines(tx.conn(), checkout, &session).await?;
    let mut found = one(&lines, line)?.clone();
    if found.role != LineRole::Main || found.link_id != session.link_id {
        store::remove(tx, checkout, id, line).await?;
    } else if found.optional && !is_fixed(&session, &found) {
        found.selected = false;
        store::update(tx, checkout, &found).await?;
    } else {
        return Err(required());
    }
    finish(tx, keys, checkout, session).await.map(drop)
}

pub(super) fn one(lines: &[SessionLine], id: LineId) -> Result<&SessionLine, Problem> {
    let found = lines.iter().find(|line| line.id == id);
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

/// A quantity within its bounds.
pub(super) fn within(pointer: &str, quantity: i32, min: i32, max: i32) -> Result<i32, Problem> {
    if (min..=max).contains(&quantity) {
        Ok(quantity)
    } else {
        Err(Problem::invalid(pointer, "range", format!("must be {min} to {max}")))
    }
}

/// Whether its link has fixed variants and quantities: the session's own as it was when the session was opened. Add-ons are the
/// buyer's.
fn is_fixed(session: &Session, line: &SessionLine) -> bool {
    let by_link = if line.link_id == session.link_id {
        session.locks(Prefilled::VariantQuantities)
    } else {
        line.quantities_locked
    };
    by_link && line.add_on_id.is_none()
}

fn required() -> Problem {
    Problem::new(ProblemCode::LineRequired)
}

/// Whether the line may be of this variant: one that its item sells, that its link lets buyers choose, and not in the place of one
/// with a price of the link's own.
async fn check_variant(tx: &Tx, checkout: CheckoutId, line: &SessionLine, variant: VariantId) -> Result<(), Problem> {
    let unknown = || Problem::invalid("/variant_id", "not_found", "this line cannot be of this variant");
    let item = line.offer_item_id.ok_or_else(unknown)?;
    if !store::sells(tx.conn(), checkout, item, variant).await? {
        return Err(unknown());
    }
    let link = find_behind_session(tx.conn(), tx.offset_ms(), checkout, line.link_id).await?;
    let terms = link.ok_or_else(unknown)?.terms();
    let enabled = &terms.product_options.enabled_variants;
    if enabled.contains(&line.variant_id) && !enabled.contains(&variant) {
        return Err(unknown());
    }
    if line.of_link && terms.custom_price.is_some() {
        return Err(locked("/variant_id".to_owned()));
    }
    Ok(())
}
