//! The document of an export.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Access, Checked, Revision, Sent, Told, Use, Visit, Waiting};
use crate::customers::views::CustomerView;
use crate::discounts::holds::model::HoldState;
use crate::events::EventType;
use crate::kernel::clock::rfc3339;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::ids::{
    DeliveryId, DiscountCodeId, EventId, HoldId, LinkId, MailId, OrderAccessId, OrderId, SessionId, VatCheckId,
    WebhookEndpointId,
};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Label, Metadata, Name};
use crate::links::custom::Custom;
use crate::orders::contact::Contact;
use crate::orders::views::OrderView;
use crate::sessions::model::SessionStatus;
use crate::sessions::views::ConsentsInput;
use crate::vat_checks::model::VatNumberStatus;

/// All that is known of one customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CustomerExport)]
pub struct CustomerExportView {
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    generated_at: String,
    /// The customer.
    customer: CustomerView,
    /// Every order, oldest first, with all that belongs to it: lines, payments, refunds, consents, actions.
    orders: Vec<ExportedOrderView>,
    /// Every visit, oldest first, with or without an order.
    sessions: Vec<ExportedSessionView>,
}

/// An order with all that belongs to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ExportedOrder)]
pub struct ExportedOrderView {
    /// The order, as reading it shows it.
    pub order: OrderView,
    /// What it said of its buyer before it was confirmed again.
    pub revisions: Vec<ExportedRevision>,
    /// Mails about it that wait to be sent.
    pub mails: Vec<ExportedMail>,
    /// Ways back to it that were mailed.
    pub access: Vec<ExportedAccess>,
    /// What was told of it and its refunds.
    pub events: Vec<ExportedEvent>,
}

/// What an order said of its buyer before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedRevision {
    /// Which revision.
    #[schema(example = 1)]
    pub revision: i32,
    /// The buyer's address then.
    #[schema(example = "buyer@example.com")]
    pub email: Option<String>,
    /// Their first name then.
    #[schema(example = "Aino")]
    pub first_name: Option<String>,
    /// Their last name then.
    #[schema(example = "Virtanen")]
    pub last_name: Option<String>,
    /// Their country then.
    #[schema(example = "FI")]
    pub country: Option<String>,
    /// Their VAT number then.
    #[schema(example = "FI20774740")]
    pub vat_number: Option<String>,
    /// What else they had filled in.
    pub contact: ExportedContact,
    /// The merchant's own data then.
    pub custom: Custom,
    /// When it was confirmed anew.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub replaced_at: String,
}

/// What a buyer filled in beside name, country and address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedContact {
    /// State or province.
    pub state: Option<Label>,
    /// Phone number.
    pub phone: Option<Label>,
    /// City.
    pub city: Option<Label>,
    /// Street and number.
    pub street: Option<Label>,
    /// Apartment, stairs, c/o.
    pub apartment: Option<Label>,
    /// Postal code.
    pub postal_code: Option<Label>,
    /// Company.
    pub company: Option<Label>,
}

/// A mail that waits to be sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedMail {
    /// The mail.
    pub id: MailId,
    /// Since when it waits.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
}

/// A way back to an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedAccess {
    /// It.
    pub id: OrderAccessId,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it ends.
    #[schema(format = DateTime, example = "2026-12-20T12:00:00.000Z")]
    pub expires_at: String,
    /// When it was made void.
    #[schema(format = DateTime, example = "2026-11-21T12:00:00.000Z")]
    pub revoked_at: Option<String>,
}

/// An event that tells of the customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedEvent {
    /// The event.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "order.created")]
    pub event_type: EventType,
    /// When.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub occurred_at: String,
    /// To whom it was sent, or is being sent.
    pub deliveries: Vec<ExportedDelivery>,
}

/// An event on its way to a receiver.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// To which endpoint.
    pub endpoint_id: WebhookEndpointId,
}

/// A visit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ExportedSession)]
pub struct ExportedSessionView {
    /// The session.
    pub id: SessionId,
    /// Where it stands.
    #[schema(value_type = String, example = "completed")]
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
    /// Their first name.
    pub first_name: Option<Name>,
    /// Their last name.
    pub last_name: Option<Name>,
    /// Their country.
    pub country: Option<Country>,
    /// Their postal code.
    pub postal_code: Option<Label>,
    /// Their VAT number.
    #[schema(example = "FI20774740")]
    pub vat_number: Option<Label>,
    /// What else they filled in.
    pub contact: ExportedContact,
    /// What they agreed to.
    pub consents: ConsentsInput,
    /// The merchant's own data.
    pub custom: Custom,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// Where they came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    #[schema(example = json!(["spring"]))]
    pub tags: Vec<String>,
    /// The code that is applied.
    pub discount_code: Option<CodeText>,
    /// Where their browser goes when the payment is done.
    #[schema(format = "uri", example = "https://shop.example.com/thanks")]
    pub return_url: Option<String>,
    /// Where it goes when they give up.
    #[schema(format = "uri", example = "https://shop.example.com/basket")]
    pub cancel_url: Option<String>,
    /// What its codes were used for.
    pub discount_uses: Vec<ExportedDiscountUse>,
    /// What VIES said of the VAT number.
    pub vat_checks: Vec<ExportedVatCheck>,
    /// What was told of it.
    pub events: Vec<ExportedEvent>,
    /// When it was opened.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// A use of a discount code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedDiscountUse {
    /// The use.
    pub id: HoldId,
    /// Of which code.
    pub discount_code_id: DiscountCodeId,
    /// held, redeemed, released or lapsed.
    #[schema(value_type = String, example = "redeemed")]
    pub state: HoldState,
    /// What it took off, in minor units.
    #[schema(example = 390)]
    pub amount: Option<i64>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// When it was taken.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
}

/// What VIES said of a number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportedVatCheck {
    /// The check.
    pub id: VatCheckId,
    /// What was said.
    #[schema(value_type = String, example = "valid")]
    pub state: VatNumberStatus,
    /// Whose number it is.
    #[schema(example = "Virtanen Oy")]
    pub name: Option<String>,
    /// Where they are.
    #[schema(example = "Katu 1, Helsinki")]
    pub address: Option<String>,
    /// When it was said.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub checked_at: Option<String>,
}

impl From<&serde_json::Value> for ExportedContact {
    fn from(value: &serde_json::Value) -> Self {
        let contact = Contact::from_json(value);
        Self {
            state: contact.state,
            phone: contact.phone,
            city: contact.city,
            street: contact.street,
            apartment: contact.apartment,
            postal_code: contact.postal_code,
            company: contact.company,
        }
    }
}

impl From<Revision> for ExportedRevision {
    fn from(row: Revision) -> Self {
        let text = |name: &str| row.order_row[name].as_str().map(str::to_owned);
        Self {
            revision: row.revision,
            email: text("email"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            country: text("country"),
            vat_number: text("vat_number"),
            contact: (&row.order_row["contact"]).into(),
            custom: Custom::from_json(row.order_row["custom"].clone()),
            replaced_at: rfc3339(&row.created_at),
        }
    }
}

impl From<Waiting> for ExportedMail {
    fn from(row: Waiting) -> Self {
        Self {
            id: row.id,
            created_at: rfc3339(&row.created_at),
        }
    }
}

impl From<Access> for ExportedAccess {
    fn from(row: Access) -> Self {
        Self {
            id: row.id,
            created_at: rfc3339(&row.created_at),
            expires_at: rfc3339(&row.expires_at),
            revoked_at: row.revoked_at.as_ref().map(rfc3339),
        }
    }
}

impl From<Use> for ExportedDiscountUse {
    fn from(row: Use) -> Self {
        Self {
            id: row.id,
            discount_code_id: row.discount_code_id,
            state: row.state,
            amount: row.amount,
            currency: row.currency,
            created_at: rfc3339(&row.created_at),
        }
    }
}

impl From<&Checked> for ExportedVatCheck {
    fn from(row: &Checked) -> Self {
        Self {
            id: row.id,
            state: row.state,
            name: row.name.clone(),
            address: row.address.clone(),
            checked_at: row.checked_at.as_ref().map(rfc3339),
        }
    }
}

impl ExportedEvent {
    /// An event with those of the deliveries that are its own.
    pub fn of(row: &Told, sent: &[Sent]) -> Self {
        let own = sent.iter().filter(|delivery| delivery.event_id == row.id);
        Self {
            id: row.id,
            event_type: row.event_type,
            occurred_at: rfc3339(&row.occurred_at),
            deliveries: own
                .map(|delivery| ExportedDelivery {
                    id: delivery.id,
                    endpoint_id: delivery.endpoint_id,
                })
                .collect(),
        }
    }
}

impl ExportedSessionView {
    /// A visit with those of everything else that are its own.
    pub fn of(row: Visit, uses: &[Use], checks: &[Checked], events: Vec<ExportedEvent>) -> Self {
        let own = uses.iter().filter(|one| one.session_id == row.id);
        let of_number = checks
            .iter()
            .filter(|one| row.vat_number.as_ref() == Some(&one.vat_number));
        Self {
            discount_uses: own.cloned().map(Into::into).collect(),
            vat_checks: of_number.map(Into::into).collect(),
            events,
            id: row.id,
            status: row.status,
            link_id: row.link_id,
            order_id: row.order_id,
            currency: row.currency,
            locale: row.locale,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            country: row.country,
            postal_code: row.postal_code,
            vat_number: row.vat_number,
            contact: (&row.contact).into(),
            consents: serde_json::from_value(row.consents).unwrap_or_default(),
            custom: Custom::from_json(row.custom),
            metadata: Metadata::from_json(row.metadata),
            source: row.source,
            tags: row.tags,
            discount_code: row.discount_code,
            return_url: row.return_url,
            cancel_url: row.cancel_url,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
