//! What a link comes to, for the answer that made it: the quote of what it opens.

use super::quote::{Asking, Priced, Shop, Wanted, priced};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::links::model::PublicLink;
use crate::links::store::find_behind_session;

/// A link with the shop behind it, and the quote of what it opens for a buyer who brings nothing.
pub async fn of_link(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    link: LinkId,
) -> Result<(PublicLink, Priced), Problem> {
    let behind = find_behind_session(tx.conn(), tx.offset_ms(), checkout, link).await?;
    let behind = behind.ok_or(DbError::Stale)?;
    let asking = Asking {
        conn: tx.conn(),
        clock: tx.clock(),
        keys,
    };
    let priced = priced(asking, &Shop::from(&behind), Wanted::default()).await?;
    Ok((behind, priced))
}
