//! Ends open sessions whose time is over.

use super::model::SessionStatus;
use super::store;
use super::views::ExpiredSession;
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::discounts::holds::release::release_baskets_of;
use crate::events::{EventType, NewEvent, publish};

/// Ends a batch of overdue sessions, publishes each and gives back what it holds; returns how many.
pub async fn expire_overdue(db: &Db) -> Result<usize, DbError> {
    db.write(async |tx: &mut Tx| -> Result<usize, DbError> {
        let ended = store::expire_overdue(tx).await?;
        for session in ended.iter().filter(|session| session.order_id.is_none()) {
            let view = ExpiredSession {
                id: session.id,
                status: SessionStatus::Expired,
                test_mode: session.test_mode,
            };
            let event = NewEvent {
                event_type: EventType::CheckoutSessionExpired,
                object_id: session.id.uuid(),
                object_version: 1,
                test_mode: session.test_mode,
                data: serde_json::to_value(view).map_err(|error| DbError::Defect(error.to_string()))?,
            };
            publish(tx, session.checkout_id, vec![event]).await?;
        }
        let ids: Vec<_> = ended.iter().map(|session| (session.checkout_id, session.id)).collect();
        release_baskets_of(tx, &ids).await?;
        Ok(ended.len())
    })
    .await
}
