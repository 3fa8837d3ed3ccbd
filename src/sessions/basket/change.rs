//! How every change of a session ends: priced anew, the code kept or given back, written, and shown as it is now.

use futures_util::try_join;

use super::super::discount::keep::{basket_timer, held_by, keep};
use super::super::messages::Message;
use super::super::model::{Session, SessionStatus};
use super::super::quote::{Quoted, find};
use super::super::store as sessions;
use super::store;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;

/// The session locked, if it can still be changed.
pub(in crate::sessions) async fn lock_open(tx: &Tx, checkout: CheckoutId, id: SessionId) -> Result<Session, Problem> {
    let session = sessions::lock(tx, checkout, id)
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if session.status != SessionStatus::Open {
        return Err(Problem::new(ProblemCode::SessionClosed));
    }
    Ok(session)
}

/// Ends a change: `session` holds what is to be written, the lines are written already.
pub(in crate::sessions) async fn finish(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    mut session: Session,
) -> Result<Quoted, Problem> {
    let (contents, held) = try_join!(
        find(tx.conn(), tx.clock(), checkout, &session),
        held_by(tx, checkout, &session)
    )?;
    if !contents.lines.iter().any(|line| line.selected) {
        return Err(Problem::new(ProblemCode::LineRequired));
    }
    let mut messages = Vec::new();
    let timer = basket_timer(&contents);
    let kept = keep(
        tx,
        keys,
        (checkout, &mut session),
        &contents,
        (held, timer),
        &mut messages,
    )
    .await?;
    messages.extend(Message::of_prices(&session, &contents.lines));
    session.messages = serde_json::to_value(&messages).map_err(Problem::internal)?;
    try_join!(
        sessions::update(tx, checkout, &mut session),
        store::see(tx, checkout, &contents.lines)
    )?;
    contents.ask_about_number(tx, checkout, &session).await?;
    if let Some(hold) = kept.give_back {
        hold.run(tx).await?;
    }
    Ok(Quoted {
        session,
        contents,
        quote: kept.quote,
        held: kept.held,
        messages,
    })
}
