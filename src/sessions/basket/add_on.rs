//! Accepts and declines the add-ons of an offer: more lines, or a better product in the place of another.

use super::change::{finish, lock_open};
use super::line::within;
use super::model::{ADDED, NewLine};
use super::store;
use super::views::AddOnInput;
use crate::catalog::add_ons::model::AddOnKind;
use crate::db::Tx;
use crate::kernel::ids::{AddOnId, CheckoutId, LineId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::sessions::quote::Quoted;

/// Puts an add-on into the basket, or changes how many of it. An upgrade takes the place of the product that it replaces.
pub async fn accept(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    add_on: AddOnId,
    input: AddOnInput,
) -> Result<Quoted, Problem> {
    let session = lock_open(tx, checkout, id).await?;
    let add_ons = store::add_ons(tx.conn(), checkout, &session).await?;
    let lines = store::lines(tx.conn(), checkout, &session).await?;
    let offered = add_ons.iter().find(|known| known.id == add_on);
    let offered = offered.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let quantity = input.quantity.unwrap_or(offered.quantity_default);
    let quantity = within("/quantity", quantity, offered.quantity_min, offered.quantity_max)?;
    if let Some(there) = lines.iter().find(|line| line.add_on_id == Some(add_on)) {
        let mut line = there.clone();
        line.quantity = quantity;
        store::update(tx, checkout, &line).await?;
        return finish(tx, keys, checkout, session).await;
    }
    let replaced = match offered.kind {
        AddOnKind::Add => None,
        AddOnKind::Upgrade => Some(
            offered
                .replaces(&lines)
                .ok_or_else(|| Problem::new(ProblemCode::NothingToReplace))?,
        ),
    };
    let line = NewLine {
        id: LineId::generate(tx.clock()),
        position: ADDED,
        role: offered.role(),
        offer_item: None,
        add_on: Some(add_on),
        link: session.link_id,
        product: offered.product_id,
        variant: offered.variant_id,
        quantity,
        of_link: false,
        selected: true,
        seen_amount: None,
    };
    store::insert(tx, checkout, id, std::slice::from_ref(&line)).await?;
    if let Some(replaced) = replaced {
        store::replace(tx, checkout, replaced.id, line.id).await?;
    }
    finish(tx, keys, checkout, session).await
}

/// Takes an add-on out of the basket; declining what is not in it changes nothing.
pub async fn decline(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    add_on: AddOnId,
) -> Result<(), Problem> {
    let session = lock_open(tx, checkout, id).await?;
    let Some(line) = store::line_of_add_on(tx.conn(), checkout, id, add_on).await? else {
        return Ok(());
    };
    store::remove(tx, checkout, id, line).await?;
    finish(tx, keys, checkout, session).await.map(drop)
}
