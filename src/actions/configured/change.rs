//! Changes an action, puts it away and takes it back, gives it a new key to sign with.

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::config::{self, Limits, Parts};
use super::seal::{keep, new_signing_secret, open, seal};
use super::store;
use super::views::{ActionPatch, ActionView};
use crate::actions::model::Action;
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::state::State;
use crate::kernel::ids::{ActionId, CheckoutId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

async fn locked(tx: &Tx, checkout: CheckoutId, id: ActionId, if_match: Option<&str>) -> Result<Action, Problem> {
    let found = store::lock(tx, checkout, id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    check_precondition(if_match, &ActionView::from(found.clone()))?;
    Ok(found)
}

/// Applies a merge patch; returns the action before and after.
pub async fn change(
    tx: &mut Tx,
    state: &State,
    checkout: CheckoutId,
    id: ActionId,
    if_match: Option<&str>,
    patch: ActionPatch,
) -> Result<(ActionView, ActionView), Problem> {
    let mut action = locked(tx, checkout, id, if_match).await?;
    let before = ActionView::from(action.clone());
    action.name = patch.name.unwrap_or(action.name);
    action.enabled = patch.enabled.unwrap_or(action.enabled);
    action.run_in_test = patch.run_in_test.unwrap_or(action.run_in_test);
    if let Some(members) = patch.config {
        let secrets = open(&state.keys, checkout, id, action.secrets.as_deref()).map_err(Problem::internal)?;
        let Value::Object(shown) = action.config else {
            return Err(Problem::internal("a configuration is an object"));
        };
        let parts = Parts { shown, secrets };
        let after = config::patched(action.action_type, parts, members, &Limits::of(state))?;
        action.config = Value::Object(after.shown);
        action.secrets = seal(&state.keys, checkout, id, &after.secrets);
    }
    store::update(tx, checkout, &action).await?;
    if action.archived_at.is_none() {
        // One that is put away has no say: the product may have another by now.
        store::tell_product(tx, checkout, &action).await?;
    }
    let after = store::find(tx.conn(), checkout, id).await?;
    let after = after.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok((before, after.into()))
}

/// Puts an action away: new orders do not have it, and those that have it keep it.
pub async fn archive(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: ActionId,
    if_match: Option<&str>,
) -> Result<ActionView, Problem> {
    let mut action = locked(tx, checkout, id, if_match).await?;
    let before = ActionView::from(action.clone());
    if action.archived_at.is_some() {
        return Ok(before);
    }
    action.archived_at = Some(tx.clock().now());
    store::archive(tx, checkout, id).await?;
    store::tell_product(tx, checkout, &action).await?;
    Ok(before)
}

/// Takes an action back into use; returns it before and after. A product is licensed in one way: if it has another action of type
/// `license` by now, that one has to go first.
pub async fn restore(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: ActionId,
    if_match: Option<&str>,
) -> Result<(ActionView, ActionView), Problem> {
    let mut action = locked(tx, checkout, id, if_match).await?;
    let before = ActionView::from(action.clone());
    if action.archived_at.is_none() {
        return Ok((before.clone(), before));
    }
    action.archived_at = None;
    store::restore(tx, checkout, id).await.map_err(|error| {
        if error.constraint() == Some("actions_license_unique") {
            Problem::new(ProblemCode::AlreadyLicensed)
        } else {
            error.into()
        }
    })?;
    store::tell_product(tx, checkout, &action).await?;
    let after = store::find(tx.conn(), checkout, id).await?;
    let after = after.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok((before, after.into()))
}

/// Gives an action a new key; runs are signed with it from now on. Returns the action before, and after with the key.
pub async fn rotate(
    tx: &mut Tx,
    state: &State,
    checkout: CheckoutId,
    id: ActionId,
) -> Result<(ActionView, ActionView), Problem> {
    let mut action = locked(tx, checkout, id, None).await?;
    let before = ActionView::from(action.clone());
    let secret = new_signing_secret(action.action_type)?;
    let secret = secret.ok_or_else(|| Problem::new(ProblemCode::ActionNotSigned))?;
    let opened = open(&state.keys, checkout, id, action.secrets.as_deref()).map_err(Problem::internal)?;
    let mut secrets: Map<String, Value> = opened;
    keep(&mut secrets, &secret);
    action.secrets = seal(&state.keys, checkout, id, &secrets);
    store::update(tx, checkout, &action).await?;
    let after = store::find(tx.conn(), checkout, id).await?;
    let after = after.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let shown = Some(secret.expose_secret().to_owned());
    Ok((before, ActionView::with_secret(after, shown)))
}
