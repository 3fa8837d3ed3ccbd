//! An order as its buyer sees it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::clock::rfc3339;
use crate::kernel::format::amount;
use crate::kernel::ids::OrderId;
use crate::kernel::money::Currency;
use crate::licenses::views::LicenseView;
use crate::orders::lines::views::{OrderLineView, TaxGroupView, line, tax_breakdown};
use crate::orders::model::{FulfillmentStatus, OrderDetail, OrderPaymentStatus, OrderStatus};
use crate::orders::views::OrderDiscount;

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
    /// The code that it was agreed on with.
    pub discount: Option<OrderDiscount>,
    /// The subtotal as people read it.
    #[schema(example = "€39.00")]
    pub subtotal_formatted: String,
    /// The discount as people read it.
    #[schema(example = "€0.00")]
    pub discount_total_formatted: String,
    /// The tax as people read it.
    #[schema(example = "€7.92")]
    pub tax_formatted: String,
    /// What there is to pay as people read it.
    #[schema(example = "€39.00")]
    pub total_formatted: String,
    /// How often it was confirmed.
    #[schema(example = 1)]
    pub revision: i32,
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
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
    /// When it was paid.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub paid_at: Option<String>,
}

impl From<&OrderDetail> for BuyerOrderView {
    fn from(detail: &OrderDetail) -> Self {
        let row = &detail.order;
        let order = row;
        let written = |minor| amount(&row.locale, row.currency, minor);
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
            discount: OrderDiscount::of(row),
            subtotal_formatted: written(row.subtotal),
            discount_total_formatted: written(row.discount_total),
            tax_formatted: written(row.tax),
            total_formatted: written(row.total),
            revision: row.revision,
            tax_breakdown: tax_breakdown(&detail.lines),
            lines: (detail.lines.iter().cloned())
                .map(|row| for_buyer(line(row, order, &detail.licenses)))
                .collect(),
            // Only who has paid is sent there: the page behind it may deliver something.
            success_url: row.success_url.clone().filter(|_| paid),
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
            paid_at: row.paid_at.as_ref().map(rfc3339),
        }
    }
}

fn for_buyer(mut line: OrderLineView) -> OrderLineView {
    line.licenses = line.licenses.into_iter().map(LicenseView::for_buyer).collect();
    line
}
