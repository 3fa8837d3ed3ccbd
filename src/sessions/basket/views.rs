//! What buyers' pages send and see of a basket.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{OfferedAddOn, SessionLine};
use crate::catalog::add_ons::model::{AddOnKind, AddOnPosition};
use crate::kernel::ids::{AddOnId, LineId, LinkId, OfferId, ProductId, VariantId};
use crate::kernel::patch::present;
use crate::kernel::text::{Description, Name, Slug};
use crate::orders::model::LineRole;
use crate::pricing::LineQuote;

/// What another link of the same checkout sells, in this session.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinesInput {
    /// The slug of a permanent link.
    pub link: Slug,
    /// How many of what the link is about.
    #[serde(default)]
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub quantity: Option<i32>,
    /// Which variant of it.
    #[serde(default)]
    pub variant_id: Option<VariantId>,
}

/// A change of a line (JSON Merge Patch).
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePatch {
    /// How many, from `min` to `max`.
    #[serde(default, deserialize_with = "present")]
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 100_000, example = 2)]
    pub quantity: Option<i32>,
    /// Which variant: one that the link sells.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = VariantId, required = false)]
    pub variant_id: Option<VariantId>,
    /// Whether an optional line is bought.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = true)]
    pub selected: Option<bool>,
}

/// An add-on that is accepted.
#[derive(Clone, Copy, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddOnChoiceInput)]
pub struct AddOnInput {
    /// How many; its default when absent.
    #[serde(default)]
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub quantity: Option<i32>,
}

/// A line of the basket.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SessionLine)]
pub struct SessionLineView {
    /// The line.
    pub id: LineId,
    /// How it came into the basket.
    #[schema(value_type = String, example = "main", examples("main", "order_bump", "pre_upsell", "upgrade"))]
    pub role: LineRole,
    /// The offer it is sold by.
    pub offer_id: OfferId,
    /// The link it came by.
    pub link_id: LinkId,
    /// Of an accepted add-on: which.
    pub add_on_id: Option<AddOnId>,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// What it is called.
    pub name: Name,
    /// How many.
    #[schema(example = 1)]
    pub quantity: i32,
    /// At least.
    #[schema(example = 1)]
    pub min: i32,
    /// At most.
    #[schema(example = 10)]
    pub max: i32,
    /// Whether the buyer may leave it out.
    #[schema(example = false)]
    pub optional: bool,
    /// Whether it is bought. What is not bought costs nothing: its sums are 0.
    #[schema(example = true)]
    pub selected: bool,
    /// What one costs, in minor units.
    #[schema(example = 3900)]
    pub unit_amount: i64,
    /// The price before the merchant's own reduction, struck through.
    #[schema(example = 4900)]
    pub original_unit_amount: Option<i64>,
    /// The lowest price of the 30 days before that reduction; to be shown wherever the reduction is.
    #[schema(example = 4500)]
    pub lowest_amount_30_days: Option<i64>,
    /// Unit × quantity.
    #[schema(example = 3900)]
    pub subtotal: i64,
    /// Its share of the discount.
    #[schema(example = 0)]
    pub discount: i64,
    /// Percent.
    #[schema(example = "25.5")]
    pub tax_rate: String,
    /// Its tax.
    #[schema(example = 792)]
    pub tax: i64,
    /// What is paid for it.
    #[schema(example = 3900)]
    pub total: i64,
    /// What one costs as people read it.
    #[schema(example = "€39.00")]
    pub unit_amount_formatted: String,
    /// What is paid for it as people read it.
    #[schema(example = "€39.00")]
    pub total_formatted: String,
}

/// An add-on of the offer that the buyer can accept, or has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SessionAddOn)]
pub struct SessionAddOnView {
    /// The add-on.
    pub id: AddOnId,
    /// `add`: one more line; `upgrade`: in the place of a product.
    pub kind: AddOnKind,
    /// Where it is shown.
    pub position: AddOnPosition,
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// A picture of it.
    #[schema(format = "uri", example = "https://shop.example.com/upgrade.png")]
    pub image_url: Option<String>,
    /// Of an upgrade: the product it replaces.
    pub replaces_product_id: Option<ProductId>,
    /// What one costs, in minor units.
    #[schema(example = 1900)]
    pub unit_amount: i64,
    /// What one cost before the merchant's own reduction.
    #[schema(example = 2900)]
    pub original_unit_amount: Option<i64>,
    /// What one costs as people read it.
    #[schema(example = "€19.00")]
    pub unit_amount_formatted: String,
    /// How many unless the buyer says otherwise.
    #[schema(example = 1)]
    pub quantity: i32,
    /// At least.
    #[schema(example = 1)]
    pub min: i32,
    /// At most.
    #[schema(example = 1)]
    pub max: i32,
    /// Whether it is in the basket.
    #[schema(example = false)]
    pub accepted: bool,
}

/// A way to write amounts: the session's currency and language.
pub(in crate::sessions) type Written<'a> = &'a dyn Fn(i64) -> String;

impl SessionLineView {
    /// A line, and what it costs if it is bought. One that is left out and has no price is not shown.
    pub(in crate::sessions) fn of(line: SessionLine, priced: Option<LineQuote>, written: Written<'_>) -> Option<Self> {
        let unit_amount = line.unit_amount()?;
        let original_unit_amount = line.original_unit_amount();
        let sums = priced.map(|priced| {
            (
                priced.subtotal,
                priced.discount,
                priced.tax_rate,
                priced.tax,
                priced.total,
            )
        });
        let (subtotal, discount, tax_rate, tax, total) = sums.unwrap_or_default();
        Some(Self {
            unit_amount,
            original_unit_amount,
            lowest_amount_30_days: line.lowest_amount_30_days,
            id: line.id,
            role: line.role,
            offer_id: line.offer_id,
            link_id: line.link_id,
            add_on_id: line.add_on_id,
            product_id: line.product_id,
            variant_id: line.variant_id,
            name: line.name,
            quantity: line.quantity,
            min: line.quantity_min,
            max: line.quantity_max,
            optional: line.optional,
            selected: line.selected,
            subtotal,
            discount,
            tax_rate: tax_rate.normalize().to_string(),
            tax,
            total,
            unit_amount_formatted: written(unit_amount),
            total_formatted: written(total),
        })
    }
}

impl SessionAddOnView {
    /// An add-on, if the buyer can be offered it.
    pub(in crate::sessions) fn of(add_on: OfferedAddOn, lines: &[SessionLine], written: Written<'_>) -> Option<Self> {
        if !add_on.is_offered(lines) {
            return None;
        }
        let unit_amount = add_on.discounted_amount.or(add_on.amount)?;
        Some(Self {
            accepted: add_on.is_accepted(lines),
            id: add_on.id,
            kind: add_on.kind,
            position: add_on.position,
            name: add_on.name,
            description: add_on.description,
            image_url: add_on.image_url,
            replaces_product_id: add_on.replaces_product_id,
            unit_amount,
            original_unit_amount: add_on.discounted_amount.and(add_on.amount),
            unit_amount_formatted: written(unit_amount),
            quantity: add_on.quantity_default,
            min: add_on.quantity_min,
            max: add_on.quantity_max,
        })
    }
}
