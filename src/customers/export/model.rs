//! What is kept of a customer beside the customer and their orders.

use diesel::QueryableByName;

use crate::db::schema::{
    checkout_sessions, deliveries, discount_holds, events, mails, order_access, order_revisions, vat_checks,
};
use crate::discounts::holds::model::HoldState;
use crate::events::EventType;
use crate::kernel::clock::Instant;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::ids::{
    DeliveryId, DiscountCodeId, EventId, HoldId, LinkId, MailId, OrderAccessId, OrderId, SessionId, VatCheckId,
    WebhookEndpointId,
};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Label, Name};
use crate::sessions::model::SessionStatus;
use crate::vat_checks::model::VatNumberStatus;

/// A visit.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = checkout_sessions)]
pub struct Visit {
    /// The session.
    pub id: SessionId,
    /// Where it stands.
    pub status: SessionStatus,
    /// The link it came by.
    pub link_id: LinkId,
    /// The order it became.
    pub order_id: Option<OrderId>,
    /// What the buyer pays in.
    pub currency: Currency,
    /// What the buyer reads.
    pub locale: Locale,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The buyer's country.
    pub country: Option<Country>,
    /// The buyer's first name.
    pub first_name: Option<Name>,
    /// The buyer's last name.
    pub last_name: Option<Name>,
    /// The buyer's postal code.
    pub postal_code: Option<Label>,
    /// The buyer's VAT number.
    pub vat_number: Option<Label>,
    /// What else the buyer filled in.
    pub contact: serde_json::Value,
    /// The merchant's own data.
    pub custom: serde_json::Value,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// What the buyer agreed to.
    pub consents: serde_json::Value,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    pub tags: Vec<String>,
    /// The code that is applied.
    pub discount_code: Option<CodeText>,
    /// Where the buyer's browser goes when the payment is done.
    pub return_url: Option<String>,
    /// Where it goes when the buyer gives up.
    pub cancel_url: Option<String>,
    /// When it was opened.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// What an order said before its buyer confirmed again.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_revisions)]
pub struct Revision {
    /// Of which order.
    pub order_id: OrderId,
    /// Which revision.
    pub revision: i32,
    /// The order's row as it was.
    pub order_row: serde_json::Value,
    /// When it was confirmed anew.
    pub created_at: Instant,
}

/// A use of a discount code.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = discount_holds)]
pub struct Use {
    /// The use.
    pub id: HoldId,
    /// By which session.
    pub session_id: SessionId,
    /// Of which code.
    pub discount_code_id: DiscountCodeId,
    /// Where it stands.
    pub state: HoldState,
    /// What it took off.
    pub amount: Option<i64>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// When it was taken.
    pub created_at: Instant,
}

/// A mail that waits to be sent.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = mails)]
pub struct Waiting {
    /// The mail.
    pub id: MailId,
    /// About which order.
    pub about: Option<OrderId>,
    /// Since when.
    pub created_at: Instant,
}

/// A way back to an order that was mailed.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_access)]
pub struct Access {
    /// The token's own id.
    pub id: OrderAccessId,
    /// To which order.
    pub order_id: OrderId,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was made void.
    pub revoked_at: Option<Instant>,
}

/// An event that tells of the customer.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = events)]
pub struct Told {
    /// The event.
    pub id: EventId,
    /// What happened.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub event_type: EventType,
    /// Of what.
    pub object_id: uuid::Uuid,
    /// When it happened.
    pub occurred_at: Instant,
}

/// An event on its way to a receiver.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = deliveries)]
pub struct Sent {
    /// The delivery.
    pub id: DeliveryId,
    /// Of which event.
    pub event_id: EventId,
    /// To which endpoint.
    pub endpoint_id: WebhookEndpointId,
}

/// What VIES said of a number.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = vat_checks)]
pub struct Checked {
    /// The check.
    pub id: VatCheckId,
    /// The number.
    pub vat_number: Label,
    /// What was said of it.
    pub state: VatNumberStatus,
    /// Whose it is.
    pub name: Option<String>,
    /// Where they are.
    pub address: Option<String>,
    /// When it was said.
    pub checked_at: Option<Instant>,
}
