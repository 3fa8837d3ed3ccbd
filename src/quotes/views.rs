//! What a quote takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::ids::{AddOnId, OfferId, ProductId, VariantId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name, Slug};
use crate::kernel::vat_number::VatNumber;
use crate::orders::lines::views::TaxGroupView;
use crate::orders::model::LineRole;

/// A variant and how many of it, in place of what the offer has by default.
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteLineInput {
    /// The variant: of an item of the offer.
    pub variant_id: VariantId,
    /// How many; the item's default when absent.
    #[serde(default)]
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(minimum = 1, maximum = 100_000, example = 2)]
    pub quantity: Option<i32>,
}

/// An add-on that the buyer would accept.
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteAddOnInput {
    /// The add-on: of the offer.
    pub add_on_id: AddOnId,
    /// How many; its default when absent.
    #[serde(default)]
    #[validate(range(min = 1, max = 100_000, message = "must be 1 to 100000"))]
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub quantity: Option<i32>,
}

/// A basket and who buys it, for staff.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteInput {
    /// The offer; or a link to it.
    #[serde(default)]
    pub offer_id: Option<OfferId>,
    /// The slug of a permanent link, whose terms then hold.
    #[serde(default)]
    pub link: Option<Slug>,
    /// What differs from the offer's default basket; optional items that are not named are left out.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub lines: Vec<QuoteLineInput>,
    /// Add-ons that the buyer would accept.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub add_ons: Vec<QuoteAddOnInput>,
    /// A discount code. It is not held. It is passed over where the link fills one in, also when that one does not apply.
    #[serde(default)]
    pub discount_code: Option<CodeText>,
    /// What the buyer pays in; the link's or the checkout's when absent.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Where the buyer is, unless the link says it; the seller's country when neither does.
    #[serde(default)]
    pub country: Option<Country>,
    /// The buyer's VAT number, unless the link fills one in.
    #[serde(default)]
    pub vat_number: Option<VatNumber>,
    /// The buyer's address, unless the link fills one in: for a code that each customer may use so often only.
    #[serde(default)]
    pub email: Option<Email>,
}

/// A basket and who buys it, for a page.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicQuoteInput {
    /// The checkout's slug; with `link`.
    #[serde(default)]
    pub checkout: Option<Slug>,
    /// The link's slug.
    #[serde(default)]
    pub link: Option<Slug>,
    /// Or the token of a custom link: `id.expires.signature`.
    #[serde(default)]
    #[validate(length(min = 1, max = 255, message = "must have 1 to 255 characters"))]
    #[schema(
        min_length = 1,
        max_length = 255,
        example = "lnk_01jd5wq0zsfa2tq4n9v8kx3m7h.1795219200.5f2b"
    )]
    pub link_token: Option<String>,
    /// What differs from the offer's default basket; optional items that are not named are left out.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub lines: Vec<QuoteLineInput>,
    /// Add-ons that the buyer would accept.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub add_ons: Vec<QuoteAddOnInput>,
    /// A discount code. It is not held. It is passed over where the link fills one in, also when that one does not apply.
    #[serde(default)]
    pub discount_code: Option<CodeText>,
    /// What the buyer pays in; the link's or the checkout's when absent.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Where the buyer is, unless the link says it; the seller's country when neither does.
    #[serde(default)]
    pub country: Option<Country>,
    /// The buyer's VAT number, unless the link fills one in.
    #[serde(default)]
    pub vat_number: Option<VatNumber>,
    /// The buyer's address, unless the link fills one in: for a code that each customer may use so often only.
    #[serde(default)]
    pub email: Option<Email>,
}

/// What a basket would cost at this moment.
#[derive(Serialize, ToSchema)]
#[schema(as = Quote)]
pub struct QuoteView {
    /// The currency of every amount.
    pub currency: Currency,
    /// The lines.
    pub lines: Vec<QuoteLineView>,
    /// The code that was taken into account.
    pub discount: Option<QuoteDiscountView>,
    /// Sum of the lines' subtotals, in minor units.
    #[schema(example = 3900)]
    pub subtotal: i64,
    /// Sum of the lines' discounts.
    #[schema(example = 0)]
    pub discount_total: i64,
    /// Sum of the lines' taxes.
    #[schema(example = 792)]
    pub tax: i64,
    /// What there would be to pay.
    #[schema(example = 3900)]
    pub total: i64,
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
    /// The tax, by rate.
    pub tax_breakdown: Vec<TaxGroupView>,
}

/// What a code takes off.
#[derive(Serialize, ToSchema)]
pub struct QuoteDiscountView {
    /// The code as the merchant wrote it.
    pub code: CodeText,
    /// In minor units.
    #[schema(example = 390)]
    pub amount: i64,
}

/// A line of a quote.
#[derive(Serialize, ToSchema)]
#[schema(as = QuoteLine)]
pub struct QuoteLineView {
    /// What it is in the basket.
    #[schema(value_type = String, example = "main")]
    pub role: LineRole,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// What it is called.
    pub name: Name,
    /// How many.
    #[schema(example = 1)]
    pub quantity: i32,
    /// What one costs, in minor units.
    #[schema(example = 3900)]
    pub unit_amount: i64,
    /// What one would cost without the merchant's own reduction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = 4900)]
    pub original_unit_amount: Option<i64>,
    /// The lowest price of the 30 days before that reduction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = 4500)]
    pub lowest_amount_30_days: Option<i64>,
    /// Unit × quantity.
    #[schema(example = 3900)]
    pub subtotal: i64,
    /// This line's share of the discount.
    #[schema(example = 0)]
    pub discount: i64,
    /// Percent.
    #[schema(example = "25.5")]
    pub tax_rate: String,
    /// The tax.
    #[schema(example = 792)]
    pub tax: i64,
    /// What is paid for the line.
    #[schema(example = 3900)]
    pub total: i64,
}
