//! Publishes what became of licenses.

use super::model::License;
use super::views::LicenseView;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::{EventType, NewEvent, publish};
use crate::kernel::ids::CheckoutId;

/// Tells the same of each of these licenses, as they are now.
pub async fn tell(tx: &Tx, checkout: CheckoutId, event_type: EventType, licenses: &[License]) -> Result<(), DbError> {
    let events = licenses.iter().map(|license| {
        let data = serde_json::to_value(LicenseView::from(license.clone()));
        Ok(NewEvent {
            event_type,
            object_id: license.id.uuid(),
            object_version: license.version,
            test_mode: license.test_mode,
            data: data.map_err(|error| DbError::Defect(error.to_string()))?,
        })
    });
    publish(tx, checkout, events.collect::<Result<_, DbError>>()?).await
}
