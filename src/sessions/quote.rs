//! What a session costs now: the basket, the prices that hold, the buyer's country, the code, through the pricing of every quote.

use futures_util::try_join;

use super::basket::model::{OfferedAddOn, SessionLine};
use super::basket::store as basket;
use super::messages::{Message, removed};
use super::model::{Session, SessionStatus};
use crate::db::error::DbError;
use crate::db::{Conn, Tx};
use crate::discounts::codes::model::CodeTerms;
use crate::discounts::eligibility::{Standing, check};
use crate::discounts::holds::held;
use crate::discounts::holds::held::model::HeldCode;
use crate::discounts::holds::model::{HoldPhase, HoldState};
use crate::discounts::refusal::Refusal;
use crate::kernel::clock::Clock;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::vat_number::VatNumber;
use crate::links::model::PublicLink;
use crate::links::store::find_behind_session;
use crate::payments::methods::Ways;
use crate::pricing::Quote;
use crate::pricing::tax::{self, Buyer};
use crate::quotes::price::{Item, Rules, facts, price};
use crate::vat_checks::model::{VatCheck, status};
use crate::vat_checks::store::find as find_check;
use crate::vat_checks::want::want;

/// A session with its basket and its quote.
#[derive(Clone, Debug)]
pub struct Quoted {
    /// The session.
    pub session: Session,
    /// What is sold and chosen.
    pub contents: Contents,
    /// What it costs; line for line with what is bought.
    pub quote: Quote,
    /// The code that takes something off.
    pub held: Option<HeldCode>,
    /// What the buyer should know.
    pub messages: Vec<Message>,
}

/// What a session is quoted from.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The link and the shop behind it.
    pub link: PublicLink,
    /// The basket: what is bought, and what is optional and is not.
    pub lines: Vec<SessionLine>,
    /// The add-ons of the offer.
    pub add_ons: Vec<OfferedAddOn>,
    /// What is known of the buyer's VAT number: what the tax is decided by.
    pub vat_check: Option<VatCheck>,
}

impl Contents {
    /// The ways to pay for what is bought.
    pub(super) fn ways(&self, session: &Session) -> Ways {
        let bought = self.lines.iter().filter(|line| line.selected);
        Ways::of(
            session.test_mode,
            session.currency,
            &self.link.payment_methods,
            bought.map(|line| line.employee_benefits.as_slice()),
        )
    }

    /// Has VIES asked about the buyer's number, if its answer could change the tax and none is known.
    pub(super) async fn ask_about_number(
        &self,
        tx: &Tx,
        checkout: CheckoutId,
        session: &Session,
    ) -> Result<(), DbError> {
        let Some(number) = number(session) else {
            return Ok(());
        };
        let (seller, country) = (self.link.seller(), session.country);
        let matters =
            |line: &SessionLine| tax::number_matters(&seller, country, number.country(), line.vat_type.into());
        if self.lines.iter().any(matters) {
            want(tx, checkout, &number, self.vat_check.as_ref()).await?;
        }
        Ok(())
    }
}

/// The basket and the shop of a session: one round trip.
pub(super) async fn find(
    conn: &Conn,
    clock: &Clock,
    checkout: CheckoutId,
    session: &Session,
) -> Result<Contents, DbError> {
    let number = number(session);
    let (lines, add_ons, link, vat_check) = try_join!(
        basket::lines(conn, checkout, session),
        basket::add_ons(conn, checkout, session),
        find_behind_session(conn, clock.offset_ms(), checkout, session.link_id),
        find_check(conn, clock.offset_ms(), checkout, number.as_ref())
    )?;
    let agreed = session.status != SessionStatus::Open;
    Ok(Contents {
        link: link.ok_or(DbError::Stale)?,
        lines: lines
            .into_iter()
            .map(|line| if agreed { line.as_seen() } else { line })
            .collect(),
        add_ons,
        vat_check,
    })
}

/// Quotes a session as it stands, changing nothing: one round trip.
pub async fn quoted(conn: &Conn, clock: &Clock, checkout: CheckoutId, session: Session) -> Result<Quoted, Problem> {
    let applied = async {
        match &session.discount_code {
            None => Ok(None),
            Some(_) => held::store::find(conn, clock.offset_ms(), checkout, session.id, session.currency).await,
        }
    };
    let (contents, held) = try_join!(find(conn, clock, checkout, &session), applied)?;
    let pricing = Pricing::of(clock, &session, &contents)?;
    let mut messages = Message::of_session(&session);
    let mut applied = None;
    let mut quote = None;
    if session.discount_code.is_some() {
        // What the next change would find: a hold that is gone is gone for the quote, too.
        let agreed = session.status != SessionStatus::Open;
        match held.filter(|held| agreed || held.counts()) {
            None => messages.push(removed(&session, None)),
            Some(held) => match pricing.with(&held.terms, standing(&held))? {
                Err(refusal) => messages.push(removed(&session, Some(refusal))),
                Ok(with) => {
                    quote = Some(with);
                    applied = Some(held);
                }
            },
        }
    }
    let quote = match quote {
        Some(quote) => quote,
        None => pricing.without()?,
    };
    if session.status == SessionStatus::Open {
        messages.extend(Message::of_prices(&session, &contents.lines));
    }
    Ok(Quoted {
        session,
        contents,
        quote,
        held: applied,
        messages,
    })
}

/// How far the buyer has come with a code that is held.
pub(super) fn standing(held: &HeldCode) -> Standing {
    match (held.hold.state, held.hold.phase) {
        (HoldState::Held, HoldPhase::Basket) => Standing::Held,
        // At payment, paid, or agreed on by an order that was not paid in time.
        _ => Standing::Agreed,
    }
}

/// A session's basket, ready to be priced with and without a code.
pub(super) struct Pricing<'a> {
    clock: &'a Clock,
    items: Vec<Item>,
    rules: Rules,
    ways: Ways,
}

impl<'a> Pricing<'a> {
    /// Refused when something that is bought has no price in the session's currency.
    pub(super) fn of(clock: &'a Clock, session: &'a Session, contents: &Contents) -> Result<Self, Problem> {
        let bought = contents.lines.iter().filter(|line| line.selected);
        Ok(Self {
            clock,
            items: bought.map(item).collect::<Result<_, _>>()?,
            ways: contents.ways(session),
            rules: Rules {
                seller: contents.link.seller(),
                buyer: Buyer {
                    country: session.country,
                    vat_number: number(session)
                        .map(|number| (number.country(), status(contents.vat_check.as_ref()).into())),
                },
                place: contents.link.checkout_country,
                today: clock.now().date_naive(),
                prices_include_tax: contents.link.prices_include_tax,
            },
        })
    }

    /// The quote without a code.
    pub(super) fn without(&self) -> Result<Quote, Problem> {
        Ok(price(&self.items, &self.rules, None)?)
    }

    /// The quote with a code, or why it does not apply.
    pub(super) fn with(&self, terms: &CodeTerms, standing: Standing) -> Result<Result<Quote, Refusal>, Problem> {
        let applies = match check(terms, &facts(&self.items, &terms.code)?, self.clock.now(), standing) {
            Ok(applies) => applies,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let quote = price(&self.items, &self.rules, Some(&applies))?;
        if !self.ways.payable(quote.total) {
            return Ok(Err(Refusal::BelowPaymentMinimum));
        }
        Ok(Ok(quote))
    }
}

fn item(line: &SessionLine) -> Result<Item, Problem> {
    let unit_amount = line.unit_amount().ok_or_else(|| {
        Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("{} has no price in this currency", line.name))
    })?;
    Ok(Item {
        product: line.product_id,
        category: line.vat_type.into(),
        place: line.place_country,
        quantity: line.quantity,
        unit_amount,
        original_unit_amount: line.original_unit_amount(),
        codes: line.codes(),
    })
}

/// The buyer's VAT number. Nobody is asked about it while a buyer waits: what was not asked yet is not known.
fn number(session: &Session) -> Option<VatNumber> {
    session.vat_number.as_ref().and_then(|text| text.as_str().parse().ok())
}
