//! A row of a list of orders: all that a table of them shows.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Listed, ListedLine, ListedPayment};
use crate::kernel::clock::rfc3339;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::format::amount;
use crate::kernel::ids::{CustomerId, LineId, OrderId, PaymentId, ProductId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Label, Name};
use crate::orders::model::{FulfillmentStatus, LineRole, OrderPaymentStatus, OrderStatus};
use crate::orders::views::{OrderLink, OrderOffer};
use crate::payments::model::{PaymentStatus, ProviderKind};

/// An order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderListItem)]
pub struct OrderListItemView {
    /// The order.
    pub id: OrderId,
    /// Its number.
    #[schema(example = 1001)]
    pub number: i64,
    /// The number of its receipt.
    #[schema(example = 17)]
    pub receipt_number: Option<i64>,
    /// The year that the receipt's number counts in.
    #[schema(example = 2026)]
    pub receipt_year: Option<i32>,
    /// Where it stands.
    #[schema(value_type = String, example = "completed")]
    pub status: OrderStatus,
    /// Where the money stands.
    #[schema(value_type = String, example = "paid")]
    pub payment_status: OrderPaymentStatus,
    /// Where delivery stands.
    #[schema(value_type = String, example = "delivered")]
    pub fulfillment_status: FulfillmentStatus,
    /// Whether a person should look at it.
    #[schema(example = false)]
    pub requires_attention: bool,
    /// The currency.
    pub currency: Currency,
    /// What there is to pay, in minor units.
    #[schema(example = 3900)]
    pub total: i64,
    /// The total as people read it.
    #[schema(example = "€39.00")]
    pub total_formatted: String,
    /// What went back.
    #[schema(example = 0)]
    pub refunded_amount: i64,
    /// The offer, as it was.
    pub offer: OrderOffer,
    /// The link the buyer came by.
    pub link: OrderLink,
    /// What was bought; `role` tells order bumps and pre-upsells apart.
    pub products: Vec<OrderListProduct>,
    /// The attempt to pay that counts: the one that succeeded, else the latest.
    pub payment: Option<OrderListPayment>,
    /// The buyer.
    pub customer: OrderListCustomer,
    /// The buyer's address.
    pub email: Option<Email>,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    #[schema(example = json!(["spring"]))]
    pub tags: Vec<String>,
    /// The code that it was agreed on with.
    pub discount_code: Option<CodeText>,
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
}

/// The buyer of an order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderListCustomer {
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
}

/// A line of an order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderListProduct {
    /// The line.
    pub id: LineId,
    /// How it came into the basket.
    #[schema(value_type = String, example = "main")]
    pub role: LineRole,
    /// The product.
    pub product_id: ProductId,
    /// What it was called.
    pub name: Name,
    /// How many.
    #[schema(example = 1)]
    pub quantity: i32,
}

/// The payment of an order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderListPayment {
    /// The attempt.
    pub id: PaymentId,
    /// Who takes the money.
    #[schema(value_type = String, example = "stripe")]
    pub provider: ProviderKind,
    /// Where it stands.
    #[schema(value_type = String, example = "succeeded")]
    pub status: PaymentStatus,
}

impl From<ListedLine> for OrderListProduct {
    fn from(row: ListedLine) -> Self {
        Self {
            id: row.id,
            role: row.role,
            product_id: row.product_id,
            name: row.name,
            quantity: row.quantity,
        }
    }
}

impl From<ListedPayment> for OrderListPayment {
    fn from(row: ListedPayment) -> Self {
        Self {
            id: row.id,
            provider: row.provider,
            status: row.status,
        }
    }
}

impl From<Listed> for OrderListItemView {
    fn from(listed: Listed) -> Self {
        let row = listed.order;
        Self {
            total_formatted: amount(&row.locale, row.currency, row.total),
            products: listed.lines.into_iter().map(Into::into).collect(),
            payment: listed.payment.map(Into::into),
            customer: OrderListCustomer {
                id: row.customer_id,
                email: row.email.clone(),
                first_name: row.first_name,
                last_name: row.last_name,
                country: row.country,
            },
            id: row.id,
            number: row.number,
            receipt_number: row.receipt_number,
            receipt_year: row.receipt_year,
            status: row.status,
            payment_status: row.payment_status,
            fulfillment_status: row.fulfillment_status,
            requires_attention: row.requires_attention,
            currency: row.currency,
            total: row.total,
            refunded_amount: row.refunded_amount,
            offer: OrderOffer {
                id: row.offer_id,
                title: row.offer_title,
            },
            link: OrderLink {
                id: row.link_id,
                slug: row.link_slug,
            },
            email: row.email,
            source: row.source,
            tags: row.tags,
            discount_code: row.discount_code,
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
            paid_at: row.paid_at.as_ref().map(rfc3339),
        }
    }
}
