//! Rows of what is swept.

use diesel::QueryableByName;

use crate::db::schema::deliveries;
use crate::kernel::ids::{CheckoutId, DeliveryId, WebhookEndpointId};

/// A delivery that ended long ago.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = deliveries)]
pub struct Ended {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// The delivery.
    pub id: DeliveryId,
    /// To whom.
    pub endpoint_id: WebhookEndpointId,
}
