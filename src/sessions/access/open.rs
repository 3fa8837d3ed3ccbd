//! Opens the session of an order by the token of a mail.

use crate::db::Db;
use crate::http::session_secret;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::orders::access::{store as tokens, token};
use crate::orders::model::OrderStatus;
use crate::sessions::read::read;
use crate::sessions::views::OpenedSession;

/// A token that we made: the checkout is known before anything is asked.
pub struct Genuine {
    /// The tenant.
    pub checkout: CheckoutId,
    hash: [u8; 32],
}

impl Genuine {
    /// Refuses what we did not make.
    pub fn of(keys: &Keyring, text: &str) -> Result<Self, Problem> {
        let (checkout, hash) = token::read(keys, text).ok_or_else(|| Problem::new(ProblemCode::InvalidToken))?;
        Ok(Self { checkout, hash })
    }
}

/// The session of the order and a secret for it.
pub async fn open(db: &Db, keys: &Keyring, token: &Genuine) -> Result<OpenedSession, Problem> {
    let conn = db.read().await?;
    let way = tokens::find(&conn, db.clock().offset_ms(), token.checkout, &token.hash).await?;
    let way = way.ok_or_else(|| Problem::new(ProblemCode::InvalidToken))?;
    if way.status == OrderStatus::Deleted {
        return Err(Problem::new(ProblemCode::NotFound).detail("the order was deleted"));
    }
    Ok(OpenedSession {
        session: read(&conn, db.clock(), keys, token.checkout, way.session_id).await?,
        client_secret: session_secret::issue(keys, token.checkout, way.session_id),
    })
}
