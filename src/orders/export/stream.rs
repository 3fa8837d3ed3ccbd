//! The file, piece by piece: one batch of orders is in memory at a time, and no connection is held while the client reads.

use futures_util::Stream;
use futures_util::stream::try_unfold;
use uuid::Uuid;

use crate::db::Db;
use crate::db::error::DbError;
use crate::kernel::ids::CheckoutId;
use crate::kernel::page::PageRequest;
use crate::orders::list::model::{Filter, Listed};
use crate::orders::list::store;

/// How many orders are read at once.
const BATCH: i64 = 500;

/// Where the export is.
enum Place {
    Start,
    After(Uuid),
    End,
}

/// The orders that a filter finds, newest first, each batch written by `write`; `header` comes before them.
pub(super) fn pieces(
    db: Db,
    checkout: CheckoutId,
    filter: Filter,
    header: &'static str,
    write: fn(Listed, &mut Vec<u8>),
) -> impl Stream<Item = Result<Vec<u8>, DbError>> {
    try_unfold(Place::Start, move |place| {
        let (db, filter) = (db.clone(), filter.clone());
        async move {
            let (after, mut piece) = match place {
                Place::Start => (None, header.as_bytes().to_vec()),
                Place::After(id) => (Some(id), Vec::new()),
                Place::End => return Ok(None),
            };
            let page = {
                let conn = db.read().await?;
                store::page(&conn, checkout, &filter, &PageRequest { after, limit: BATCH }).await?
            };
            for listed in page.rows {
                write(listed, &mut piece);
            }
            let next = page.next.map_or(Place::End, Place::After);
            Ok(Some((piece, next)))
        }
    })
}
