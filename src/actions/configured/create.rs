//! Makes an action.

use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

use super::config::{self, Limits};
use super::seal::{keep, new_signing_secret, seal};
use super::store;
use super::views::{ActionInput, ActionView};
use crate::actions::model::{Action, ActionLevel, ActionType};
use crate::db::Tx;
use crate::http::state::State;
use crate::kernel::ids::{ActionId, CheckoutId, OfferId, ProductId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

impl<'a> Limits<'a> {
    pub(super) fn of(state: &'a State) -> Self {
        Self {
            client: &state.client,
            development: state.development,
        }
    }
}

/// Makes the action; its signing key, where it has one, is in this answer and in no other.
pub async fn create(
    tx: &mut Tx,
    state: &State,
    checkout: CheckoutId,
    input: ActionInput,
) -> Result<ActionView, Problem> {
    let owner = owner(&input)?;
    if input.action_type == ActionType::License && input.level != ActionLevel::Product {
        return Err(Problem::invalid(
            "/level",
            "not_possible",
            "products are licensed: level product",
        ));
    }
    let mut parts = config::read(input.action_type, input.config, &Limits::of(state))?;
    if let Some(owner) = owner
        && !store::owner_exists(tx, checkout, input.level, owner).await?
    {
        return Err(Problem::invalid(
            "/owner_id",
            "unknown",
            "there is no such product or offer here",
        ));
    }
    let id = ActionId::generate(tx.clock());
    let secret = new_signing_secret(input.action_type)?;
    if let Some(secret) = &secret {
        keep(&mut parts.secrets, secret);
    }
    let now = tx.clock().now();
    let action = Action {
        id,
        level: input.level,
        owner_id: owner,
        action_type: input.action_type,
        name: input.name,
        enabled: input.enabled,
        run_in_test: input.run_in_test,
        config: Value::Object(parts.shown),
        secrets: seal(&state.keys, checkout, id, &parts.secrets),
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    if !store::insert(tx, checkout, &action).await? {
        return Err(Problem::new(ProblemCode::AlreadyLicensed));
    }
    store::tell_product(tx, checkout, &action).await?;
    let made = store::find(tx.conn(), checkout, id).await?;
    let made = made.ok_or_else(|| Problem::internal("an action vanished in the transaction that made it"))?;
    Ok(ActionView::with_secret(
        made,
        secret.map(|secret| secret.expose_secret().to_owned()),
    ))
}

/// The product or offer that the level asks for.
fn owner(input: &ActionInput) -> Result<Option<Uuid>, Problem> {
    let unknown = || Problem::invalid("/owner_id", "unknown", "there is no such product or offer here");
    match (input.level, input.owner_id.as_deref()) {
        (ActionLevel::Checkout, None) => Ok(None),
        (ActionLevel::Checkout, Some(_)) => Err(Problem::invalid(
            "/owner_id",
            "not_possible",
            "an action of the checkout belongs to nothing else",
        )),
        (_, None) => Err(Problem::invalid("/owner_id", "required", "needed at this level")),
        (ActionLevel::Product, Some(id)) => id.parse::<ProductId>().map(|id| Some(id.uuid())).map_err(|_| unknown()),
        (ActionLevel::Offer, Some(id)) => id.parse::<OfferId>().map(|id| Some(id.uuid())).map_err(|_| unknown()),
    }
}
