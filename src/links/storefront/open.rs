//! Finds the link that a buyer comes by, if it opens sessions.

use crate::catalog::offers::model::Through;
use crate::db::Conn;
use crate::db::error::DbError;
use crate::kernel::clock::Clock;
use crate::kernel::ids::LinkId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Slug;
use crate::links::model::PublicLink;
use crate::links::{signed, store};

/// What a buyer comes with.
#[derive(Clone, Debug)]
pub enum Door {
    /// The slugs of a checkout and of a permanent link of it.
    Slugs(Slug, Slug),
    /// The link named by an address whose signature has been verified.
    Signed(LinkId),
}

impl Door {
    /// The door a token opens: its signature is checked here, and nothing is asked of the database for one that is not ours.
    pub fn of_token(keys: &Keyring, token: &str, clock: &Clock) -> Result<Self, Problem> {
        signed::read(keys, token, clock.now()).map(Self::Signed)
    }

    /// The offer behind it.
    pub fn through(&self) -> Through<'_> {
        match self {
            Self::Slugs(checkout, link) => Through::Slugs(checkout, link),
            Self::Signed(link) => Through::Link(*link),
        }
    }
}

/// The link behind a door, whether or not it opens sessions.
pub async fn find(conn: &Conn, offset_ms: i64, door: &Door) -> Result<Option<PublicLink>, DbError> {
    match door {
        Door::Slugs(checkout, link) => store::find_by_slugs(conn, offset_ms, checkout, link).await,
        Door::Signed(link) => store::find_by_token(conn, offset_ms, *link).await,
    }
}

/// The link, provided that it opens sessions; else why not, with the merchant's own message.
pub fn usable(found: Option<PublicLink>) -> Result<PublicLink, Problem> {
    let link = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let code = match &link {
        PublicLink { active: false, .. } => ProblemCode::LinkInactive,
        PublicLink { expired: true, .. } => ProblemCode::LinkExpired,
        PublicLink { used_up: true, .. } => ProblemCode::LinkUsedUp,
        _ => return Ok(link),
    };
    let problem = Problem::new(code);
    Err(match link.inactive_message {
        Some(message) => problem
            .detail(message.as_str())
            .with("inactive_message", message.as_str().into()),
        None => problem,
    })
}
