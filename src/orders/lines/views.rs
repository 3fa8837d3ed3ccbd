//! A line of an order, and the taxes of lines together.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::format::amount;
use crate::kernel::ids::{LineId, LinkId, OfferId, ProductId, VariantId};
use crate::kernel::text::{Label, Name};
use crate::licenses::model::License;
use crate::licenses::views::LicenseView;
use crate::orders::model::{LineFulfillment, LineRole, Order, OrderLine};
use crate::pricing::tax::TaxReason;

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
    /// What one cost as people read it.
    #[schema(example = "€39.00")]
    pub unit_amount_formatted: String,
    /// What was paid for it as people read it.
    #[schema(example = "€39.00")]
    pub total_formatted: String,
    /// The offer it was sold by.
    pub offer_id: Option<OfferId>,
    /// The link it came by.
    pub link_id: Option<LinkId>,
    /// Where that link's buyers came from.
    pub source: Option<Label>,
    /// The merchant's own words on that link.
    #[schema(example = json!(["spring"]))]
    pub tags: Vec<String>,
    /// Where its delivery stands.
    #[schema(value_type = String, example = "delivered", examples("not_delivered", "delivered"))]
    pub fulfillment_status: LineFulfillment,
    /// What of it went back.
    #[schema(example = 0)]
    pub refunded_amount: i64,
    /// What of it can still be refunded.
    #[schema(example = 3900)]
    pub refundable_amount: i64,
    /// Whether a refund of all that is left can take away the access to it.
    #[schema(example = true)]
    pub can_remove_access: bool,
    /// When the access to it was taken away.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub returned_at: Option<String>,
    /// What was issued for it, by unit.
    pub licenses: Vec<LicenseView>,
}

/// A line of an order that is written in this language and currency.
pub(in crate::orders) fn line(row: OrderLine, order: &Order, licenses: &[License]) -> OrderLineView {
    let written = |minor| amount(&order.locale, order.currency, minor);
    let refundable_amount = order.paid_at.map_or(0, |_| row.refundable());
    OrderLineView {
        unit_amount_formatted: written(row.unit_amount),
        total_formatted: written(row.total),
        offer_id: row.offer_id,
        link_id: row.link_id,
        source: row.source,
        tags: row.tags,
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
        refunded_amount: row.refunded_amount,
        refundable_amount,
        can_remove_access: order.paid_at.is_some() && row.returned_at.is_none(),
        returned_at: row.returned_at.as_ref().map(rfc3339),
        licenses: (licenses.iter())
            .filter(|license| license.order_line_id == row.id)
            .map(|license| license.clone().into())
            .collect(),
    }
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
