//! A session as it stands, for its buyer's page.

use super::payment::show::last_attempt;
use super::views::SessionView;
use super::{quote, store};
use crate::db::Conn;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::payments::handover::for_buyer;

/// The session with its quote, and the last attempt to pay its order.
pub(super) async fn read(
    conn: &Conn,
    clock: &Clock,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
) -> Result<SessionView, Problem> {
    let session = store::find(conn, clock.offset_ms(), checkout, id).await?;
    let session = session.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let quoted = quote::quoted(conn, clock, checkout, session).await?;
    let order = quoted.session.order_id;
    let mut view = SessionView::from(quoted);
    if let Some(order) = order {
        let payment = last_attempt(conn, checkout, order).await?;
        view.payment = payment.map(|payment| for_buyer(keys, checkout, payment));
    }
    Ok(view)
}
