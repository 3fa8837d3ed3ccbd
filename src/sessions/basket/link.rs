//! Adds what another link of the same checkout sells.

use super::change::{finish, lock_open};
use super::line::within;
use super::model::{ADDED, NewLine};
use super::store;
use super::views::LinesInput;
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::sellable;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, LineId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::links::basket::Wishes;
use crate::links::deal::{Deal, locked};
use crate::links::model::PublicLink;
use crate::links::options::Prefilled;
use crate::links::store::find_in_checkout;
use crate::links::storefront::open::usable;
use crate::orders::model::LineRole;
use crate::sessions::model::Session;
use crate::sessions::quote::Quoted;

/// Adds the basket of a permanent link, in the session's currency. What is in the session by that link already becomes more of it.
pub async fn add(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    input: LinesInput,
) -> Result<Quoted, Problem> {
    let session = lock_open(tx, checkout, id).await?;
    let link = usable(find_in_checkout(tx.conn(), tx.offset_ms(), checkout, &input.link).await?)
        .map_err(|problem| at_link(&problem))?;
    admits(&session, &link)?;
    let items = sellable(tx.conn(), Through::Offer(checkout, link.offer_id)).await?;
    let there = store::lines(tx.conn(), checkout, &session).await?;
    let wishes = Wishes {
        variant_id: input.variant_id,
        quantity: input.quantity,
        currency: Some(session.currency),
    };
    let terms = link.terms();
    let mut added = Vec::new();
    // Once more of it would be another quantity.
    let by_link = there
        .iter()
        .any(|line| line.link_id == link.link_id && line.add_on_id.is_none());
    if (by_link || link.link_id == session.link_id) && fixes_quantities(&session, &link) {
        return Err(locked("/link".to_owned()));
    }
    for picked in Deal::of(&terms, &items)?.pick(session.currency, &wishes)? {
        let (item, variant) = (&picked.item.item, picked.variant.id);
        let same = there.iter().find(|line| {
            line.link_id == link.link_id && line.offer_item_id == Some(item.item_id) && line.variant_id == variant
        });
        if let Some(same) = same {
            let mut more = same.clone();
            let quantity = if same.selected {
                same.quantity + picked.quantity
            } else {
                picked.quantity
            };
            more.quantity = within("/quantity", quantity, item.quantity_min, item.quantity_max)?;
            more.selected = true;
            store::update(tx, checkout, &more).await?;
            continue;
        }
        added.push(NewLine {
            id: LineId::generate(tx.clock()),
            position: ADDED,
            role: LineRole::Main,
            offer_item: Some(item.item_id),
            add_on: None,
            link: link.link_id,
            product: item.product_id,
            variant,
            quantity: picked.quantity,
            of_link: picked.of_link,
            selected: true,
            seen_amount: Some(picked.price.charged()),
        });
    }
    if there.len() + added.len() > 100 {
        return Err(Problem::invalid("/link", "length", "a basket has at most 100 lines"));
    }
    store::insert(tx, checkout, id, &added).await?;
    finish(tx, keys, checkout, session).await
}

/// A link of the other mode does not exist for this session; one that counts its orders is for sessions of its own.
fn admits(session: &Session, link: &PublicLink) -> Result<(), Problem> {
    if link.test_mode != session.test_mode {
        return Err(unknown());
    }
    if link.limited {
        return Err(Problem::invalid(
            "/link",
            "limited",
            "this link makes a limited number of orders and opens a session of its own",
        ));
    }
    Ok(())
}

/// What a session was opened with stays, whatever its link says later.
fn fixes_quantities(session: &Session, link: &PublicLink) -> bool {
    if link.link_id == session.link_id {
        session.locks(Prefilled::VariantQuantities)
    } else {
        link.terms().locks(Prefilled::VariantQuantities)
    }
}

fn unknown() -> Problem {
    Problem::invalid("/link", "not_found", "this checkout has no such link")
}

/// The session exists; the link in the body does not.
fn at_link(problem: &Problem) -> Problem {
    match problem.code {
        ProblemCode::NotFound => unknown(),
        _ => Problem::invalid("/link", "unavailable", "this link opens no sessions at the moment"),
    }
}
