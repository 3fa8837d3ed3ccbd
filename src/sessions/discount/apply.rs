//! Applies a code: one use of it is held for this session from here on, or the buyer is told why not.

use futures_util::try_join;

use super::super::basket::change::lock_open;
use super::super::basket::store as basket;
use super::super::messages::Message;
use super::super::model::Session;
use super::super::quote::{Contents, Pricing, Quoted, find};
use super::super::store as sessions;
use super::keep::customer;
use crate::db::Tx;
use crate::discounts::codes::model::CodeTerms;
use crate::discounts::codes::terms::store::terms_of_text;
use crate::discounts::customer::address_hash;
use crate::discounts::eligibility::Standing;
use crate::discounts::holds::held::model::HeldCode;
use crate::discounts::holds::held::store as held;
use crate::discounts::holds::model::{Hold, HoldState};
use crate::discounts::holds::take::{AddressLimit, Wanted, problem, take};
use crate::discounts::refusal::Refusal;
use crate::kernel::code_text::CodeText;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Label;
use crate::links::options::Prefilled;

/// Who applies a code to a session.
#[derive(Clone, Copy)]
pub struct Applying<'a> {
    /// For the hash of the buyer's address.
    pub keys: &'a Keyring,
    /// The network address of the request.
    pub address: Option<&'a str>,
    /// The tenant.
    pub checkout: CheckoutId,
}

/// Applies a code to an open session. The same code again renews its hold; another one takes its place, if it can be held.
pub async fn apply(tx: &mut Tx, applying: Applying<'_>, id: SessionId, code: &CodeText) -> Result<Quoted, Problem> {
    let checkout = applying.checkout;
    let folded = code.folded();
    let mut session = lock_open(tx, checkout, id).await?;
    let (contents, terms, held) = try_join!(
        find(tx.conn(), tx.clock(), checkout, &session),
        terms_of_text(tx.conn(), checkout, &folded, session.currency),
        held::lock(tx, checkout, id, session.currency)
    )?;
    let terms = admitted(&contents, terms)?;
    if session.locks(Prefilled::DiscountCode) && !contents.link.terms().fills_in(&terms.code) {
        return Err(Problem::invalid("/code", "locked", "the merchant has fixed this"));
    }
    // A hold outlives the dates of its code.
    let standing = match &held {
        Some(held) if held.in_force && held.hold.discount_code_id == terms.discount_code_id => Standing::Held,
        _ => Standing::New,
    };
    let clock = tx.clock().clone();
    let quote = Pricing::of(&clock, &session, &contents)?.with(&terms, standing)??;
    let messages = Message::of_prices(&session, &contents.lines);
    session.messages = serde_json::to_value(&messages).map_err(Problem::internal)?;
    session.discount_code = Some(terms.code.clone());
    let wanted = wanted(applying, &session, &contents, &terms);
    let own = held.map(|held| held.hold).filter(|hold| hold.state == HoldState::Held);
    // Sent together, the counter last.
    let ((), (), hold) = try_join!(
        sessions::update(tx, checkout, &mut session),
        basket::see(tx, checkout, &contents.lines),
        take(tx, own.as_ref(), wanted)
    )?;
    let hold = match hold {
        Ok(hold) => hold,
        Err(refusal) => return Err(problem(tx, &wanted, refusal).await?),
    };
    Ok(Quoted {
        session,
        contents,
        quote,
        held: Some(in_force(hold, terms)),
        messages,
    })
}

/// Applies the code that came with the link or its address to a session that has just been written: a refusal becomes a message.
pub(in crate::sessions) async fn try_apply(
    tx: &mut Tx,
    applying: Applying<'_>,
    quoted: &mut Quoted,
    code: &Label,
) -> Result<(), Problem> {
    match attempt(tx, applying, quoted, code).await? {
        Ok(()) => {}
        Err(refusal) => quoted.messages.push(Message::refused(code.as_str(), refusal)),
    }
    quoted.session.messages = serde_json::to_value(&quoted.messages).map_err(Problem::internal)?;
    Ok(sessions::update(tx, applying.checkout, &mut quoted.session).await?)
}

async fn attempt(
    tx: &mut Tx,
    applying: Applying<'_>,
    quoted: &mut Quoted,
    code: &Label,
) -> Result<Result<(), Refusal>, Problem> {
    let Ok(text) = code.as_str().parse::<CodeText>() else {
        return Ok(Err(Refusal::NotFound));
    };
    let (checkout, session) = (applying.checkout, &quoted.session);
    let terms = terms_of_text(tx.conn(), checkout, &text.folded(), session.currency).await?;
    let terms = match admitted(&quoted.contents, terms) {
        Ok(terms) => terms,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let clock = tx.clock().clone();
    let quote = match Pricing::of(&clock, session, &quoted.contents)?.with(&terms, Standing::New)? {
        Ok(quote) => quote,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let hold = match take(tx, None, wanted(applying, session, &quoted.contents, &terms)).await? {
        Ok(hold) => hold,
        Err(refusal) => return Ok(Err(refusal)),
    };
    quoted.session.discount_code = Some(terms.code.clone());
    quoted.quote = quote;
    quoted.held = Some(in_force(hold, terms));
    Ok(Ok(()))
}

/// A link without a field for codes takes none but the merchant's own.
fn admitted(contents: &Contents, terms: Option<CodeTerms>) -> Result<CodeTerms, Refusal> {
    let codes = contents.link.terms().codes();
    terms.filter(|terms| codes.take(&terms.code)).ok_or(Refusal::NotFound)
}

fn wanted(applying: Applying<'_>, session: &Session, contents: &Contents, terms: &CodeTerms) -> Wanted {
    let limit = contents.link.max_holds_per_address.zip(applying.address);
    Wanted {
        checkout: applying.checkout,
        session: session.id,
        code: terms.discount_code_id,
        limited: terms.limited,
        customer: customer(applying.keys, applying.checkout, session, terms),
        address: limit.map(|(most, address)| AddressLimit {
            hash: address_hash(applying.keys, applying.checkout, address),
            most,
        }),
        test_mode: session.test_mode,
        hold_ms: i64::from(contents.link.hold_seconds) * 1000,
    }
}

fn in_force(hold: Hold, terms: CodeTerms) -> HeldCode {
    HeldCode {
        hold,
        terms,
        in_force: true,
    }
}
