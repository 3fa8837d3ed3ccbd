//! An order as staff and webhooks see it, and as its buyer does.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{
    FulfillmentStatus, LineFulfillment, LineRole, Order, OrderDetail, OrderLine, OrderPaymentStatus, OrderStatus,
};
use crate::actions::views::ActionRunView;
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::{CustomerId, LineId, LinkId, OfferId, OrderId, ProductId, SessionId, VariantId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Label, Metadata, Name, Slug};
use crate::links::custom::Custom;
use crate::payments::views::PaymentView;
use crate::pricing::tax::TaxReason;
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
    #[schema(value_type = Object)]
    pub consents: serde_json::Value,
    /// What was bought.
    pub lines: Vec<OrderLineView>,
    /// The attempts to pay it.
    pub payments: Vec<PaymentView>,
    /// What is done once it is paid.
    pub actions: Vec<ActionRunView>,
    /// The merchant's own data, as the session had it.
    pub custom: Custom,
    /// The merchant's own pairs.
    pub metadata: Metadata,
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

/// A line of an order, frozen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub struct OrderLineView {
    /// The line.
    pub id: LineId,
    /// How it came into the basket.
    #[schema(value_type = String, example = "main", examples("main", "order_bump", "pre_upsell", "upgrade"))]
    pub role: LineRole,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// What it was called.
    pub name: Name,
    /// How many.
    #[schema(example = 1)]
    pub quantity: i32,
    /// What one cost, in minor units.
    #[schema(example = 3900)]
    pub unit_amount: i64,
    /// What one cost before the merchant's own reduction.
    #[schema(example = 4900)]
    pub original_unit_amount: Option<i64>,
    /// Unit × quantity.
    #[schema(example = 3900)]
    pub subtotal: i64,
    /// Its share of the discount.
    #[schema(example = 0)]
    pub discount: i64,
    /// Percent.
    #[schema(value_type = String, example = "25.5")]
    pub tax_rate: Decimal,
    /// Where the tax is due.
    pub tax_country: Option<Country>,
    /// Why there is none.
    #[schema(value_type = Option<String>, example = "outside_scope")]
    pub tax_reason: Option<TaxReason>,
    /// Its tax.
    #[schema(example = 792)]
    pub tax: i64,
    /// What was paid for it.
    #[schema(example = 3900)]
    pub total: i64,
    /// Where its delivery stands.
    #[schema(value_type = String, example = "delivered", examples("not_delivered", "delivered"))]
    pub fulfillment_status: LineFulfillment,
}

/// Lines that share a tax rate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaxGroup)]
pub struct TaxGroupView {
    /// Percent.
    #[schema(value_type = String, example = "25.5")]
    pub rate: Decimal,
    /// Gross less tax.
    #[schema(example = 3108)]
    pub net: i64,
    /// The tax.
    #[schema(example = 792)]
    pub tax: i64,
    /// What is paid.
    #[schema(example = 3900)]
    pub gross: i64,
    /// Why there is no tax.
    #[schema(value_type = Option<String>, example = "outside_scope")]
    pub reason: Option<TaxReason>,
}

impl From<crate::pricing::TaxGroup> for TaxGroupView {
    fn from(group: crate::pricing::TaxGroup) -> Self {
        Self {
            rate: group.rate.normalize(),
            net: group.net,
            tax: group.tax,
            gross: group.gross,
            reason: group.reason,
        }
    }
}

/// The breakdown of frozen lines: their taxes added up by rate, never computed again.
pub fn tax_breakdown(lines: &[OrderLine]) -> Vec<TaxGroupView> {
    let frozen = lines.iter().map(|line| crate::pricing::Taxed {
        rate: line.tax_rate.normalize(),
        reason: line.tax_reason,
        tax: line.tax,
        total: line.total,
    });
    // The sums were within bounds when the order was made.
    let groups = crate::pricing::breakdown(frozen).unwrap_or_default();
    groups.into_iter().map(Into::into).collect()
}

impl From<OrderLine> for OrderLineView {
    fn from(row: OrderLine) -> Self {
        Self {
            id: row.id,
            role: row.role,
            product_id: row.product_id,
            variant_id: row.variant_id,
            name: row.name,
            quantity: row.quantity,
            unit_amount: row.unit_amount,
            original_unit_amount: row.original_unit_amount,
            subtotal: row.subtotal,
            discount: row.discount,
            tax_rate: row.tax_rate.normalize(),
            tax_country: row.tax_country,
            tax_reason: row.tax_reason,
            tax: row.tax,
            total: row.total,
            fulfillment_status: row.fulfillment_status,
        }
    }
}

impl From<OrderDetail> for OrderView {
    fn from(detail: OrderDetail) -> Self {
        let row = detail.order;
        Self {
            id: row.id,
            number: row.number,
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
                vat_number: row.vat_number,
                vat_number_status: row.vat_number_status,
                vat_consultation_id: row.vat_consultation_id,
                vat_checked_at: row.vat_checked_at.as_ref().map(rfc3339),
            },
            locale: row.locale,
            consents: row.consents,
            lines: detail.lines.into_iter().map(Into::into).collect(),
            payments: detail.payments.into_iter().map(Into::into).collect(),
            actions: detail.actions.into_iter().map(Into::into).collect(),
            custom: Custom::from_json(row.custom),
            metadata: Metadata::from_json(row.metadata),
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
            paid_at: row.paid_at.as_ref().map(rfc3339),
            completed_at: row.completed_at.as_ref().map(rfc3339),
        }
    }
}

/// An order in a list: what a row shows, without what only the detail has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderListItem)]
pub struct OrderListItemView {
    /// The order.
    pub id: OrderId,
    /// Its number.
    #[schema(example = 1001)]
    pub number: i64,
    /// Where it stands.
    #[schema(value_type = String, example = "completed")]
    pub status: OrderStatus,
    /// Where the money stands.
    #[schema(value_type = String, example = "paid")]
    pub payment_status: OrderPaymentStatus,
    /// Where delivery stands.
    #[schema(value_type = String, example = "delivered")]
    pub fulfillment_status: FulfillmentStatus,
    /// The currency.
    pub currency: Currency,
    /// What there is to pay, in minor units.
    #[schema(example = 3900)]
    pub total: i64,
    /// The offer, as it was.
    pub offer: OrderOffer,
    /// The buyer's address.
    pub email: Option<Email>,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// When it was confirmed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<Order> for OrderListItemView {
    fn from(row: Order) -> Self {
        Self {
            id: row.id,
            number: row.number,
            status: row.status,
            payment_status: row.payment_status,
            fulfillment_status: row.fulfillment_status,
            currency: row.currency,
            total: row.total,
            offer: OrderOffer {
                id: row.offer_id,
                title: row.offer_title,
            },
            email: row.email,
            source: row.source,
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// An order as its buyer sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BuyerOrder)]
pub struct BuyerOrderView {
    /// The order.
    pub id: OrderId,
    /// Its number.
    #[schema(example = 1001)]
    pub number: i64,
    /// Where it stands.
    #[schema(value_type = String, example = "paid")]
    pub status: OrderStatus,
    /// Where the money stands.
    #[schema(value_type = String, example = "paid")]
    pub payment_status: OrderPaymentStatus,
    /// Where delivery stands.
    #[schema(value_type = String, example = "delivered")]
    pub fulfillment_status: FulfillmentStatus,
    /// The currency.
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
    /// What there is to pay.
    #[schema(example = 3900)]
    pub total: i64,
    /// The tax, by rate.
    pub tax_breakdown: Vec<TaxGroupView>,
    /// What was bought.
    pub lines: Vec<OrderLineView>,
    /// Where to go after paying.
    #[schema(format = "uri", example = "https://shop.example.com/thanks")]
    pub success_url: Option<String>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// When it was confirmed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it was paid.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub paid_at: Option<String>,
}

impl From<&OrderDetail> for BuyerOrderView {
    fn from(detail: &OrderDetail) -> Self {
        let row = &detail.order;
        let paid = row.paid_at.is_some();
        Self {
            id: row.id,
            number: row.number,
            status: row.status,
            payment_status: row.payment_status,
            fulfillment_status: row.fulfillment_status,
            currency: row.currency,
            subtotal: row.subtotal,
            discount_total: row.discount_total,
            tax: row.tax,
            total: row.total,
            tax_breakdown: tax_breakdown(&detail.lines),
            lines: detail.lines.iter().cloned().map(Into::into).collect(),
            // Only who has paid is sent there: the page behind it may deliver something.
            success_url: row.success_url.clone().filter(|_| paid),
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            paid_at: row.paid_at.as_ref().map(rfc3339),
        }
    }
}
