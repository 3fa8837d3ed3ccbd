//! The document, piece by piece: a few orders or visits are in memory at a time, and no connection is held while the client reads.

use futures_util::stream::try_unfold;
use futures_util::{Stream, try_join};
use serde::Serialize;
use uuid::Uuid;

use super::store;
use super::views::{ExportedEvent, ExportedOrderView, ExportedSessionView};
use crate::customers::model::Customer;
use crate::customers::views::CustomerView;
use crate::db::error::DbError;
use crate::db::{Conn, Db};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CheckoutId, EventId, OrderId, SessionId};
use crate::orders;

/// How many orders or visits are read at once.
const BATCH: usize = 20;
const LIMIT: i64 = 20;

/// Where the export is.
enum Place {
    Start,
    Orders(Uuid),
    Sessions(Uuid),
    End,
}

/// The document of a customer; `shown` is how the API shows them.
pub(super) fn pieces(
    db: Db,
    checkout: CheckoutId,
    customer: Customer,
    shown: CustomerView,
) -> impl Stream<Item = Result<Vec<u8>, DbError>> {
    try_unfold(Place::Start, move |place| {
        let (db, customer, shown) = (db.clone(), customer.clone(), shown.clone());
        async move {
            match place {
                Place::Start => Ok(Some((head(&db, &shown)?, Place::Orders(Uuid::nil())))),
                Place::Orders(after) => {
                    let conn = db.read().await?;
                    let ids = store::orders(&conn, checkout, customer.id, after, LIMIT).await?;
                    let mut piece = list(&orders_of(&conn, checkout, &ids).await?, after.is_nil())?;
                    let next = next(&ids, |id| id.uuid());
                    if next.is_none() {
                        piece.extend_from_slice(b"],\"sessions\":[");
                    }
                    Ok(Some((piece, next.map_or(Place::Sessions(Uuid::nil()), Place::Orders))))
                }
                Place::Sessions(after) => {
                    let conn = db.read().await?;
                    let (found, next) = sessions_of(&conn, checkout, &customer, after).await?;
                    let mut piece = list(&found, after.is_nil())?;
                    if next.is_none() {
                        piece.extend_from_slice(b"]}");
                    }
                    Ok(Some((piece, next.map_or(Place::End, Place::Sessions))))
                }
                Place::End => Ok(None),
            }
        }
    })
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, DbError> {
    serde_json::to_vec(value).map_err(|error| DbError::Defect(error.to_string()))
}

fn head(db: &Db, shown: &CustomerView) -> Result<Vec<u8>, DbError> {
    let now = json(&rfc3339(&db.clock().now()))?;
    let customer = json(shown)?;
    Ok([
        b"{\"generated_at\":",
        now.as_slice(),
        b",\"customer\":",
        &customer,
        b",\"orders\":[",
    ]
    .concat())
}

/// Members of a list, a comma before each but its first.
fn list(values: &[impl Serialize], first: bool) -> Result<Vec<u8>, DbError> {
    let mut piece = Vec::new();
    for (place, value) in values.iter().enumerate() {
        if place > 0 || !first {
            piece.push(b',');
        }
        piece.extend(json(value)?);
    }
    Ok(piece)
}

/// Where the next batch begins, if this one was full.
fn next<T>(rows: &[T], id: impl Fn(&T) -> Uuid) -> Option<Uuid> {
    rows.last().filter(|_| rows.len() == BATCH).map(id)
}

async fn orders_of(conn: &Conn, checkout: CheckoutId, ids: &[OrderId]) -> Result<Vec<ExportedOrderView>, DbError> {
    let (revisions, mails, access) = try_join!(
        store::revisions(conn, checkout, ids),
        store::mails(conn, ids),
        store::access(conn, checkout, ids),
    )?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        // Orders are never taken away.
        let detail = orders::store::detail(conn, checkout, *id)
            .await?
            .ok_or(DbError::Stale)?;
        let refunds = detail.refunds.iter().map(|ledger| ledger.refund.id.uuid());
        let licenses = detail.licenses.iter().map(|license| license.id.uuid());
        let objects: Vec<_> = refunds.chain(licenses).chain([id.uuid()]).collect();
        found.push(ExportedOrderView {
            order: detail.into(),
            revisions: (revisions.iter().filter(|row| row.order_id == *id))
                .cloned()
                .map(Into::into)
                .collect(),
            mails: (mails.iter().filter(|row| row.about == Some(*id)))
                .cloned()
                .map(Into::into)
                .collect(),
            access: (access.iter().filter(|row| row.order_id == *id))
                .cloned()
                .map(Into::into)
                .collect(),
            events: events_of(conn, checkout, &objects)
                .await?
                .into_iter()
                .map(|(_, event)| event)
                .collect(),
        });
    }
    Ok(found)
}

async fn events_of(conn: &Conn, checkout: CheckoutId, objects: &[Uuid]) -> Result<Vec<(Uuid, ExportedEvent)>, DbError> {
    let told = store::events(conn, checkout, objects).await?;
    let ids: Vec<EventId> = told.iter().map(|event| event.id).collect();
    let sent = store::deliveries(conn, checkout, &ids).await?;
    Ok(told
        .iter()
        .map(|event| (event.object_id, ExportedEvent::of(event, &sent)))
        .collect())
}

async fn sessions_of(
    conn: &Conn,
    checkout: CheckoutId,
    customer: &Customer,
    after: Uuid,
) -> Result<(Vec<ExportedSessionView>, Option<Uuid>), DbError> {
    let visits = store::visits(conn, checkout, customer, after, LIMIT).await?;
    let next = next(&visits, |visit| visit.id.uuid());
    let ids: Vec<SessionId> = visits.iter().map(|visit| visit.id).collect();
    let objects: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let numbers = visits.iter().filter_map(|visit| visit.vat_number.as_ref()).collect();
    let (uses, checks, mut events) = try_join!(
        store::uses(conn, checkout, &ids),
        store::vat_checks(conn, checkout, numbers),
        events_of(conn, checkout, &objects),
    )?;
    let mut found = Vec::with_capacity(visits.len());
    for visit in visits {
        let (own, others): (Vec<_>, Vec<_>) = events.into_iter().partition(|(object, _)| *object == visit.id.uuid());
        events = others;
        let own = own.into_iter().map(|(_, event)| event).collect();
        found.push(ExportedSessionView::of(visit, &uses, &checks, own));
    }
    Ok((found, next))
}
