//! What a session costs now: the basket, the prices that hold, the buyer's country, through `pricing`.

use futures_util::try_join;

use super::model::{Session, SessionLine};
use super::store;
use crate::db::Conn;
use crate::db::error::DbError;
use crate::kernel::clock::Clock;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::vat_number::VatNumber;
use crate::links::model::PublicLink;
use crate::links::store::find_behind_session;
use crate::pricing::tax::{self, Buyer, TaxDecision, Verdict};
use crate::pricing::{Basket, BasketLine, Discount, Quote, quote};

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
}

/// Quotes a session: one round trip.
pub async fn quoted(conn: &Conn, clock: &Clock, checkout: CheckoutId, session: Session) -> Result<Quoted, Problem> {
    let (lines, link) = try_join!(
        store::lines(conn, checkout, session.id),
        find_behind_session(conn, clock.offset_ms(), checkout, session.link_id)
    )?;
    let link = link.ok_or(DbError::Stale)?;
    let (seller, buyer, today) = (link.seller(), buyer(&session), clock.now().date_naive());
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
    })
}

/// Who buys, as far as it matters for the tax. A number whose checksum is right has not been asked about: nobody is asked while a
/// buyer waits.
fn buyer(session: &Session) -> Buyer {
    let number: Option<VatNumber> = session.vat_number.as_ref().and_then(|text| text.as_str().parse().ok());
    Buyer {
        country: session.country,
        vat_number: number.map(|number| (number.country(), Verdict::Unknown)),
    }
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
