//! Rows of sessions.

use diesel::QueryableByName;

use crate::db::schema::checkout_sessions;
use crate::kernel::clock::Instant;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::ids::{LinkId, OfferId, OrderId, SessionId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Label, Name};
use crate::links::options::Prefilled;
use crate::word_enum;

word_enum! {
    /// Where a session stands.
    pub enum SessionStatus in "checkout_sessions.status" {
        /// The buyer is choosing.
        Open = "open",
        /// The order exists and is not paid.
        Confirmed = "confirmed",
        /// The order is paid.
        Completed = "completed",
        /// Ended without an order.
        Expired = "expired",
    }
}

/// One buyer's visit.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = checkout_sessions)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// The link it came from.
    pub link_id: LinkId,
    /// The offer.
    pub offer_id: OfferId,
    /// Where it stands.
    pub status: SessionStatus,
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
    /// What else the buyer filled in: [`crate::orders::contact::Contact`].
    pub contact: serde_json::Value,
    /// The code that is applied.
    pub discount_code: Option<CodeText>,
    /// The merchant's own data.
    pub custom: serde_json::Value,
    /// The merchant's own pairs, as the buyer's page gives them.
    pub metadata: serde_json::Value,
    /// Parts of the link's prefill that the buyer may not change.
    pub locked: Vec<String>,
    /// What the buyer agreed to so far.
    pub consents: serde_json::Value,
    /// What the last change told the buyer.
    pub messages: serde_json::Value,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    pub tags: Vec<String>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// The order it became; an open session has one when the buyer came back from payment.
    pub order_id: Option<OrderId>,
    /// Where the buyer's browser goes when the payment is done.
    pub return_url: Option<String>,
    /// Where it goes when the buyer gives up.
    pub cancel_url: Option<String>,
    /// When it ends without another write.
    pub expires_at: Instant,
    /// When it was opened.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Session {
    /// Whether the merchant has fixed a part of it.
    pub fn locks(&self, part: Prefilled) -> bool {
        self.locked.iter().any(|word| word == part.as_str())
    }
}

/// A session whose time is over.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = checkout_sessions)]
pub struct Overdue {
    /// The tenant.
    pub checkout_id: crate::kernel::ids::CheckoutId,
    /// The session.
    pub id: SessionId,
    /// Whether it was a test.
    pub test_mode: bool,
    /// An order that it had become before the buyer came back from payment: that order stands.
    pub order_id: Option<OrderId>,
}
