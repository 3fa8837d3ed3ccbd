//! What a session costs now: the basket, the prices that hold, the buyer's country, through `pricing`.

use futures_util::try_join;

use super::model::{Session, SessionLine};
use super::store;
use crate::db::error::DbError;
use crate::db::{Conn, Tx};
use crate::kernel::clock::Clock;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::vat_number::VatNumber;
use crate::links::model::PublicLink;
use crate::links::store::find_behind_session;
use crate::pricing::tax::{self, Buyer, TaxDecision, Verdict};
use crate::pricing::{Basket, BasketLine, Discount, Quote, quote};
use crate::vat_checks::model::{VatCheck, status};
use crate::vat_checks::store::find as find_check;
use crate::vat_checks::want::want;

/// A session with its basket and its quote.
#[derive(Clone, Debug)]
pub struct Quoted {
    /// The session.
    pub session: Session,
    /// The link and the shop behind it.
    pub link: PublicLink,
    /// The basket.
    pub lines: Vec<SessionLine>,
    /// What it costs; line for line with `lines`.
    pub quote: Quote,
    /// What is known of the buyer's VAT number: what the tax was decided by.
    pub vat_check: Option<VatCheck>,
}

impl Quoted {
    /// Has VIES asked about the buyer's number, if its answer could change the tax and none is known.
    pub(super) async fn ask_about_number(&self, tx: &Tx, checkout: CheckoutId) -> Result<(), DbError> {
        let Some(number) = number(&self.session) else {
            return Ok(());
        };
        let (seller, country) = (self.link.seller(), self.session.country);
        let matters =
            |line: &SessionLine| tax::number_matters(&seller, country, number.country(), line.vat_type.into());
        if self.lines.iter().any(matters) {
            want(tx, checkout, &number, self.vat_check.as_ref()).await?;
        }
        Ok(())
    }
}

/// Quotes a session: one round trip.
pub async fn quoted(conn: &Conn, clock: &Clock, checkout: CheckoutId, session: Session) -> Result<Quoted, Problem> {
    let number = number(&session);
    let (lines, link, vat_check) = try_join!(
        store::lines(conn, checkout, session.id),
        find_behind_session(conn, clock.offset_ms(), checkout, session.link_id),
        find_check(conn, clock.offset_ms(), checkout, number.as_ref())
    )?;
    let link = link.ok_or(DbError::Stale)?;
    let buyer = Buyer {
        country: session.country,
        vat_number: number.map(|number| (number.country(), verdict(vat_check.as_ref()))),
    };
    let (seller, today) = (link.seller(), clock.now().date_naive());
    let taxed = |line: &SessionLine| {
        let place = line.place_country.unwrap_or(link.checkout_country);
        tax::decide(&seller, buyer, line.vat_type.into(), place, today)
    };
    let quote = quote(&Basket {
        lines: basket(&lines, taxed)?,
        discount: Discount::None,
        prices_include_tax: link.prices_include_tax,
    })?;
    Ok(Quoted {
        session,
        link,
        lines,
        quote,
        vat_check,
    })
}

/// The buyer's VAT number.
fn number(session: &Session) -> Option<VatNumber> {
    session.vat_number.as_ref().and_then(|text| text.as_str().parse().ok())
}

/// What counts for the tax. Nobody is asked while a buyer waits: what was not asked yet is not known.
fn verdict(check: Option<&VatCheck>) -> Verdict {
    status(check).into()
}

fn basket(lines: &[SessionLine], tax: impl Fn(&SessionLine) -> TaxDecision) -> Result<Vec<BasketLine>, Problem> {
    lines
        .iter()
        .map(|line| {
            let unit_amount = line.unit_amount().ok_or_else(|| {
                Problem::new(ProblemCode::CurrencyNotOffered)
                    .detail(format!("{} has no price in this currency", line.name))
            })?;
            Ok(BasketLine {
                unit_amount,
                original_unit_amount: line.original_unit_amount(),
                quantity: line.quantity,
                tax: tax(line),
                discountable: true,
            })
        })
        .collect()
}
