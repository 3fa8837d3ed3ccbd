//! What becomes of a session's code when its basket or its buyer changes: renewed, or given back with a message that says why.

use super::super::messages::{Message, removed};
use super::super::model::Session;
use super::super::quote::{Contents, Pricing, standing};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::codes::model::CodeTerms;
use crate::discounts::customer::customer_hash;
use crate::discounts::holds::held::model::HeldCode;
use crate::discounts::holds::held::store as held;
use crate::discounts::holds::model::{Hold, HoldState};
use crate::discounts::holds::release::release;
use crate::discounts::holds::renew::{Customer, Renewed, Timer, lapse, renew};
use crate::discounts::refusal::Refusal;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::pricing::Quote;

/// The code after a change.
pub(in crate::sessions) struct Kept {
    /// What the basket costs.
    pub quote: Quote,
    /// The code, if it still takes something off.
    pub held: Option<HeldCode>,
    /// What to give back once everything else is written: counters come last.
    pub give_back: Option<GiveBack>,
}

/// A hold that ends.
pub(in crate::sessions) enum GiveBack {
    /// The buyer or the basket has no more use for it.
    Release(Hold),
    /// Its time is over.
    Lapse(Hold),
}

impl GiveBack {
    /// Ends it.
    pub(in crate::sessions) async fn run(self, tx: &Tx) -> Result<(), DbError> {
        match self {
            Self::Release(hold) => release(tx, &hold).await,
            Self::Lapse(hold) => lapse(tx, &hold).await,
        }
    }
}

/// The buyer of a session, for the limit of a code.
pub(in crate::sessions) fn customer(
    keys: &Keyring,
    checkout: CheckoutId,
    session: &Session,
    terms: &CodeTerms,
) -> Customer {
    Customer {
        hash: session.email.as_ref().map(|email| customer_hash(keys, checkout, email)),
        most: terms.max_per_customer,
    }
}

/// How long the code of a basket is held without activity, in milliseconds.
pub(in crate::sessions) fn basket_timer(contents: &Contents) -> Timer {
    Timer::Basket(i64::from(contents.link.hold_seconds) * 1000)
}

/// What the session holds, locked: nothing is asked for one without a code.
pub(in crate::sessions) async fn held_by(
    tx: &Tx,
    checkout: CheckoutId,
    session: &Session,
) -> Result<Option<HeldCode>, DbError> {
    match session.discount_code {
        None => Ok(None),
        Some(_) => held::lock(tx, checkout, session.id, session.currency).await,
    }
}

/// Prices the basket and keeps the code if it can be kept; else takes it off the session and says so.
pub(in crate::sessions) async fn keep(
    tx: &Tx,
    keys: &Keyring,
    (checkout, session): (CheckoutId, &mut Session),
    contents: &Contents,
    (held, timer): (Option<HeldCode>, Timer),
    messages: &mut Vec<Message>,
) -> Result<Kept, Problem> {
    let clock = tx.clock().clone();
    let without = |session: &Session| Pricing::of(&clock, session, contents)?.without();
    if session.discount_code.is_none() {
        return Ok(Kept {
            quote: without(session)?,
            held: None,
            give_back: None,
        });
    }
    let (reason, give_back) = match held {
        None => (None, None),
        Some(held) if !held.in_force => {
            let reason = (!held.terms.active).then_some(Refusal::Inactive);
            let open = held.hold.state == HoldState::Held;
            (reason, open.then_some(GiveBack::Lapse(held.hold)))
        }
        Some(mut held) => match Pricing::of(&clock, session, contents)?.with(&held.terms, standing(&held))? {
            Err(refusal) => (Some(refusal), Some(GiveBack::Release(held.hold))),
            Ok(quote) => {
                let customer = customer(keys, checkout, session, &held.terms);
                match renew(tx, &held.hold, timer, customer).await? {
                    Renewed::Live(hold) => {
                        held.hold = hold;
                        return Ok(Kept {
                            quote,
                            held: Some(held),
                            give_back: None,
                        });
                    }
                    Renewed::Refused(refusal) => (Some(refusal), Some(GiveBack::Release(held.hold))),
                    Renewed::Spent => (None, Some(GiveBack::Lapse(held.hold))),
                }
            }
        },
    };
    messages.push(removed(session, reason));
    session.discount_code = None;
    Ok(Kept {
        quote: without(session)?,
        held: None,
        give_back,
    })
}
