//! An order as staff and webhooks see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::consents::Consents;
use super::contact::Contact;
use super::lines::views::{OrderLineView, TaxGroupView, line, tax_breakdown};
use super::model::{
    AttentionCode, DeletionReason, FulfillmentStatus, Order, OrderDetail, OrderPaymentStatus, OrderStatus,
};
use super::take_away::gives_offer_access;
use crate::actions::views::ActionRunView;
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::format::amount;
use crate::kernel::ids::{CustomerId, LinkId, OfferId, OrderId, SessionId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Description, Email, Label, Metadata, Name, Slug};
use crate::links::custom::Custom;
use crate::payments::refunds::views::RefundView;
use crate::payments::views::PaymentView;
use crate::vat_checks::model::VatNumberStatus;

/// What a buyer confirmed, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    /// The order.
    pub id: OrderId,
    /// Its number in the checkout, ascending; live and test orders have a series each.
    #[schema(example = 1001)]
    pub number: i64,
    /// The number of its receipt: without gaps in each year, given soon after the payment. Live and test orders have a series each.
    #[schema(example = 17, minimum = 1)]
    pub receipt_number: Option<i64>,
    /// The year, in UTC, that the receipt's number counts in.
    #[schema(example = 2026)]
    pub receipt_year: Option<i32>,
    /// The session it came from.
    pub session_id: SessionId,
    /// Where it stands.
    #[schema(value_type = String, example = "completed", examples("not_paid", "paid", "completed", "refunded", "deleted"))]
    pub status: OrderStatus,
    /// Where the money stands.
    #[schema(value_type = String, example = "paid", examples("unpaid", "pending", "paid", "partially_refunded", "refunded"))]
    pub payment_status: OrderPaymentStatus,
    /// Where delivery stands.
    #[schema(value_type = String, example = "delivered", examples("not_delivered", "partially_delivered", "delivered"))]
    pub fulfillment_status: FulfillmentStatus,
    /// How often it was confirmed.
    #[schema(example = 1)]
    pub revision: i32,
    /// The currency of every amount.
    pub currency: Currency,
    /// Sum of the lines' subtotals, in minor units.
    #[schema(example = 3900)]
    pub subtotal: i64,
    /// Sum of the lines' discounts.
    #[schema(example = 0)]
    pub discount_total: i64,
    /// Sum of the lines' taxes.
    #[schema(example = 792)]
    pub tax: i64,
    /// Sum of the lines' totals: what there is to pay.
    #[schema(example = 3900)]
    pub total: i64,
    /// What went back.
    #[schema(example = 0)]
    pub refunded_amount: i64,
    /// How many US dollars one unit of the currency was worth when it was confirmed; null where no rate was known, and for orders that
    /// were confirmed before rates were kept.
    #[schema(example = "1.0831")]
    pub currency_rate: Option<String>,
    /// The day that the rate is of.
    #[schema(format = Date, example = "2026-11-20")]
    pub currency_rate_date: Option<String>,
    /// Whether the rate was older than four days then, or from the table in the program because no newer one was imported.
    #[schema(example = false)]
    pub currency_rate_stale: Option<bool>,
    /// The total in US cents, at that rate: subtotal, discount and tax are converted each, and the total follows from them.
    #[schema(example = 4224)]
    pub total_usd: Option<i64>,
    /// The subtotal as people read it.
    #[schema(example = "€39.00")]
    pub subtotal_formatted: String,
    /// The discount as people read it.
    #[schema(example = "€0.00")]
    pub discount_total_formatted: String,
    /// The tax as people read it.
    #[schema(example = "€7.92")]
    pub tax_formatted: String,
    /// The total as people read it.
    #[schema(example = "€39.00")]
    pub total_formatted: String,
    /// What went back as people read it.
    #[schema(example = "€0.00")]
    pub refunded_amount_formatted: String,
    /// Whether a person should look at it: some reason is not seen to yet.
    #[schema(example = false)]
    pub requires_attention: bool,
    /// Why, and since when.
    pub attention_reasons: Vec<AttentionReason>,
    /// The code that it was agreed on with.
    pub discount: Option<OrderDiscount>,
    /// The tax, by rate.
    pub tax_breakdown: Vec<TaxGroupView>,
    /// The offer, as it was.
    pub offer: OrderOffer,
    /// The link the buyer came by.
    pub link: OrderLink,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    #[schema(example = json!(["spring"]))]
    pub tags: Vec<String>,
    /// The buyer.
    pub customer: OrderCustomer,
    /// The buyer's language.
    pub locale: Locale,
    /// What the buyer agreed to, and when.
    pub consents: Consents,
    /// What was bought.
    pub lines: Vec<OrderLineView>,
    /// The attempts to pay it.
    pub payments: Vec<PaymentView>,
    /// What is done once it is paid.
    pub actions: Vec<ActionRunView>,
    /// What went back, oldest first.
    pub refunds: Vec<RefundView>,
    /// What can still be refunded: what went back and what is on its way taken off.
    #[schema(example = 3900)]
    pub refundable_amount: i64,
    /// Whether a refund can take away what the offer gave access to.
    #[schema(example = false)]
    pub can_remove_offer_access: bool,
    /// The merchant's own data, as the session had it.
    pub custom: Custom,
    /// What the link was called in a system of the merchant's: its `external_id` then.
    pub external_id: Option<Label>,
    /// The merchant's own pairs: those of the session at first.
    pub metadata: Metadata,
    /// What staff note for each other; buyers never see it.
    pub note: Option<Description>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// When it was confirmed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
    /// When it was paid.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub paid_at: Option<String>,
    /// When it was completed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub completed_at: Option<String>,
    /// When it was deleted.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub deleted_at: Option<String>,
    /// Why: nobody paid it in time, or a member of staff cancelled it.
    #[schema(value_type = Option<String>, example = "cancelled_by_staff", examples("unpaid_expired", "cancelled_by_staff"))]
    pub deletion_reason: Option<DeletionReason>,
    /// The reason that the member of staff gave.
    pub deletion_note: Option<Name>,
}

/// Changes what staff keep on an order.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderPatch {
    /// What staff note for each other; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Description>, required = false)]
    pub note: Patch<Description>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
}

/// The code of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDiscount {
    /// The code as it was.
    pub code: CodeText,
    /// What it takes off, in minor units.
    #[schema(example = 390)]
    pub amount: i64,
    /// Whether it was redeemed beyond its limit: its hold had lapsed and the limit was full, but the money was taken.
    #[schema(example = false)]
    pub over_limit: bool,
}

impl OrderDiscount {
    /// The code of an order, if it has one.
    pub(super) fn of(order: &Order) -> Option<Self> {
        Some(Self {
            code: order.discount_code.clone()?,
            amount: order.discount_total,
            over_limit: order.discount_over_limit,
        })
    }
}

/// Something that a person should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AttentionReason)]
pub struct AttentionReason {
    /// What.
    #[schema(value_type = String, example = "over_limit_redemption")]
    pub code: AttentionCode,
    /// Since when.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub since: String,
    /// When somebody said that it is seen to.
    #[schema(format = DateTime, example = "2026-11-20T13:00:00.000Z")]
    pub acknowledged: Option<String>,
    /// What they said was done about it.
    pub note: Option<Description>,
}

/// The offer of an order, as it was.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderOffer {
    /// The offer.
    pub id: OfferId,
    /// Its title then.
    pub title: Name,
}

/// The link of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderLink {
    /// The link.
    pub id: LinkId,
    /// Its slug then.
    pub slug: Slug,
}

/// The buyer of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderCustomer {
    /// The buyer.
    pub id: CustomerId,
    /// Their address.
    pub email: Option<Email>,
    /// Their first name.
    pub first_name: Option<Name>,
    /// Their last name.
    pub last_name: Option<Name>,
    /// Their country.
    pub country: Country,
    /// Their state or province.
    pub state: Option<Label>,
    /// Their phone number.
    pub phone: Option<Label>,
    /// Their city.
    pub city: Option<Label>,
    /// Their street and number.
    pub street: Option<Label>,
    /// Apartment, stairs, c/o.
    pub apartment: Option<Label>,
    /// Their postal code.
    pub postal_code: Option<Label>,
    /// Their company.
    pub company: Option<Label>,
    /// Their VAT number.
    #[schema(example = "SE556677889901")]
    pub vat_number: Option<Label>,
    /// What was known of it when the tax was decided.
    #[schema(value_type = Option<String>, example = "valid", examples("unverified", "valid", "invalid"))]
    pub vat_number_status: Option<VatNumberStatus>,
    /// VIES' proof that the seller asked.
    #[schema(example = "WAPIAAAAY1bGq2Xd")]
    pub vat_consultation_id: Option<String>,
    /// When VIES said so.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub vat_checked_at: Option<String>,
}

impl From<OrderDetail> for OrderView {
    fn from(detail: OrderDetail) -> Self {
        let row = detail.order;
        let contact = Contact::from_json(&row.contact);
        let written = |minor| amount(&row.locale, row.currency, minor);
        let lines = (detail.lines.iter().cloned())
            .map(|bought| line(bought, &row, &detail.licenses))
            .collect();
        Self {
            subtotal_formatted: written(row.subtotal),
            discount_total_formatted: written(row.discount_total),
            tax_formatted: written(row.tax),
            total_formatted: written(row.total),
            refunded_amount_formatted: written(row.refunded_amount),
            requires_attention: detail.attention.iter().any(|matter| matter.acknowledged_at.is_none()),
            attention_reasons: detail
                .attention
                .iter()
                .map(|matter| AttentionReason {
                    code: matter.code,
                    since: rfc3339(&matter.since),
                    acknowledged: matter.acknowledged_at.as_ref().map(rfc3339),
                    note: matter.note.clone(),
                })
                .collect(),
            discount: OrderDiscount::of(&row),
            id: row.id,
            number: row.number,
            receipt_number: row.receipt_number,
            receipt_year: row.receipt_year,
            session_id: row.session_id,
            status: row.status,
            payment_status: row.payment_status,
            fulfillment_status: row.fulfillment_status,
            revision: row.revision,
            currency: row.currency,
            subtotal: row.subtotal,
            discount_total: row.discount_total,
            tax: row.tax,
            total: row.total,
            refunded_amount: row.refunded_amount,
            currency_rate: row.currency_rate.map(|rate| rate.normalize().to_string()),
            currency_rate_date: row.currency_rate_on.map(|day| day.to_string()),
            currency_rate_stale: row.currency_rate_stale,
            total_usd: row.total_usd,
            tax_breakdown: tax_breakdown(&detail.lines),
            offer: OrderOffer {
                id: row.offer_id,
                title: row.offer_title,
            },
            link: OrderLink {
                id: row.link_id,
                slug: row.link_slug,
            },
            source: row.source,
            tags: row.tags,
            customer: OrderCustomer {
                id: row.customer_id,
                email: row.email,
                first_name: row.first_name,
                last_name: row.last_name,
                country: row.country,
                state: contact.state,
                phone: contact.phone,
                city: contact.city,
                street: contact.street,
                apartment: contact.apartment,
                postal_code: contact.postal_code,
                company: contact.company,
                vat_number: row.vat_number,
                vat_number_status: row.vat_number_status,
                vat_consultation_id: row.vat_consultation_id,
                vat_checked_at: row.vat_checked_at.as_ref().map(rfc3339),
            },
            locale: row.locale,
            consents: Consents::from_json(row.consents),
            lines,
            payments: detail.payments.into_iter().map(Into::into).collect(),
            refunds: detail.refunds.into_iter().map(Into::into).collect(),
            refundable_amount: (detail.lines.iter())
                .filter(|_| row.paid_at.is_some())
                .map(|bought| bought.refundable())
                .sum(),
            can_remove_offer_access: row.paid_at.is_some() && detail.actions.iter().any(gives_offer_access),
            actions: detail.actions.into_iter().map(Into::into).collect(),
            custom: Custom::from_json(row.custom),
            external_id: row.external_id,
            metadata: Metadata::from_json(row.metadata),
            note: row.note,
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
            paid_at: row.paid_at.as_ref().map(rfc3339),
            completed_at: row.completed_at.as_ref().map(rfc3339),
            deleted_at: row.deleted_at.as_ref().map(rfc3339),
            deletion_reason: row.deletion_reason,
            deletion_note: row.deletion_note,
        }
    }
}
