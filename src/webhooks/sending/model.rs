//! Rows of deliveries that are being sent.

use diesel::QueryableByName;
use diesel::sql_types::{Binary, Bool, Integer, Nullable, Text, Uuid as SqlUuid};

use crate::kernel::ids::{CheckoutId, DeliveryId, EventId, WebhookEndpointId};
use crate::webhooks::deliveries::model::DeliveryStatus;

/// A claimed delivery with all that sending it needs.
#[derive(Clone, Debug, QueryableByName)]
pub struct Claimed {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The delivery.
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    /// The event.
    #[diesel(sql_type = SqlUuid)]
    pub event_id: EventId,
    /// The endpoint.
    #[diesel(sql_type = SqlUuid)]
    pub endpoint_id: WebhookEndpointId,
    /// The object that the event speaks of.
    #[diesel(sql_type = SqlUuid)]
    pub object_id: uuid::Uuid,
    /// The fence: one more at each claim.
    #[diesel(sql_type = Integer)]
    pub generation: i32,
    /// How often it was claimed since it was queued, this time included.
    #[diesel(sql_type = Integer)]
    pub step: i32,
    /// Where to.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// The endpoint's secret, sealed.
    #[diesel(sql_type = Binary)]
    pub secret_sealed: Vec<u8>,
    /// The secret before it, sealed, while receivers change over.
    #[diesel(sql_type = Nullable<Binary>)]
    pub previous_secret_sealed: Option<Vec<u8>>,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: Claimed,
    /// Where the delivery stands now.
    pub status: DeliveryStatus,
    /// The status of the answer.
    pub answer_status: Option<i32>,
    /// Why it failed.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
    /// When it is tried next, in milliseconds from now.
    pub next_in_ms: i64,
}

/// What attempts mean for their endpoint.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Verdict {
    /// The tenant.
    #[diesel(sql_type = SqlUuid)]
    pub checkout_id: CheckoutId,
    /// The endpoint.
    #[diesel(sql_type = SqlUuid)]
    pub endpoint_id: WebhookEndpointId,
    /// It answered 410.
    #[diesel(sql_type = Bool)]
    pub gone: bool,
    /// It has failed for five days.
    #[diesel(sql_type = Bool)]
    pub failing: bool,
}

/// An owner to be told, and of what.
#[derive(Clone, Debug, QueryableByName)]
pub struct Told {
    /// The owner's address.
    #[diesel(sql_type = Text)]
    pub email: crate::kernel::text::Email,
    /// What the checkout is called.
    #[diesel(sql_type = Text)]
    pub checkout: String,
    /// The address that was switched off.
    #[diesel(sql_type = Text)]
    pub url: String,
}
