//! What buyers' pages send and see.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::SessionStatus;
use super::quote::Quoted;
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::{LineId, OfferId, OrderId, ProductId, SessionId, VariantId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::patch::{Patch, present};
use crate::kernel::text::{Description, Email, Label, Name, Slug};
use crate::links::custom::Custom;
use crate::links::options::CheckoutOptions;
use crate::orders::views::{BuyerOrderView, TaxGroupView};
use crate::payments::model::ProviderKind;
use crate::payments::views::PaymentView;

/// A new session: from a permanent link by two slugs, or from a custom one by the token of its signed address. On a custom link the
/// merchant's values win: what is sent fills only what the link leaves empty, and never `custom`, `source` or `tags`.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionInput {
    /// The checkout's slug, with `link`.
    pub checkout: Option<Slug>,
    /// The link's slug, with `checkout`.
    pub link: Option<Slug>,
    /// Instead of both: `id.expires.signature` of a signed address.
    #[validate(length(max = 200, message = "at most 200 characters"))]
    #[schema(max_length = 200, example = "lnk_01jd5wq0zsfa2tq4n9v8kx3m7h.1798120800.019f86d0")]
    pub link_token: Option<String>,
    /// The variant the buyer wants.
    pub variant_id: Option<VariantId>,
    /// How many: of the link's variant, else of the first item.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub quantity: Option<i32>,
    /// A discount code.
    pub discount_code: Option<Label>,
    /// The merchant's own data, at most 8 KiB of JSON.
    pub custom: Option<Custom>,
    /// Where the buyer came from; counts only if the link does not say.
    pub source: Option<Label>,
    /// The merchant's own words, added to the link's.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 tags"))]
    #[schema(max_items = 20)]
    pub tags: Vec<Label>,
    /// What the buyer pays in; the link's, else the checkout's default when absent.
    pub currency: Option<Currency>,
    /// What the buyer reads; the checkout's default when absent.
    pub locale: Option<Locale>,
    /// What is known of the buyer.
    #[validate(nested)]
    pub customer: Option<CustomerInput>,
}

/// What is known of the buyer.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerInput {
    /// Their address.
    pub email: Option<Email>,
    /// Their country.
    pub country: Option<Country>,
    /// Their first name.
    pub first_name: Option<Name>,
    /// Their last name.
    pub last_name: Option<Name>,
    /// Their postal code.
    pub postal_code: Option<Label>,
    /// Their VAT number.
    pub vat_number: Option<Label>,
}

/// A change of a session (JSON Merge Patch).
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPatch {
    /// What the buyer pays in.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Currency, required = false)]
    pub currency: Option<Currency>,
    /// What the buyer reads.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Locale, required = false)]
    pub locale: Option<Locale>,
    /// The buyer.
    #[serde(default, deserialize_with = "present")]
    #[validate(nested)]
    #[schema(value_type = CustomerPatch, required = false)]
    pub customer: Option<CustomerPatch>,
    /// What the buyer agrees to, merged: null takes an answer back, or all.
    #[serde(default)]
    #[schema(value_type = Option<ConsentsInput>, required = false)]
    pub consents: Merge<ConsentsInput>,
}

/// A change of the buyer (JSON Merge Patch).
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerPatch {
    /// Their address; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Email>, required = false)]
    pub email: Patch<Email>,
    /// Their country; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Country>, required = false)]
    pub country: Patch<Country>,
    /// Their first name; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Name>, required = false)]
    pub first_name: Patch<Name>,
    /// Their last name; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Name>, required = false)]
    pub last_name: Patch<Name>,
    /// Their postal code; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub postal_code: Patch<Label>,
    /// Their VAT number; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub vat_number: Patch<Label>,
}

/// What the buyer agrees to. `terms` and `privacy` must be true to confirm.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentsInput {
    /// The terms of sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub terms: Option<bool>,
    /// The privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub privacy: Option<bool>,
    /// Delivery at once, and losing the right of withdrawal by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = true)]
    pub immediate_delivery: Option<bool>,
    /// News by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = false)]
    pub marketing: Option<bool>,
    /// Being counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = false)]
    pub analytics: Option<bool>,
}

impl ConsentsInput {
    /// What was agreed to before, overlaid with what is said now.
    #[must_use]
    pub fn over(self, before: Self) -> Self {
        Self {
            terms: self.terms.or(before.terms),
            privacy: self.privacy.or(before.privacy),
            immediate_delivery: self.immediate_delivery.or(before.immediate_delivery),
            marketing: self.marketing.or(before.marketing),
            analytics: self.analytics.or(before.analytics),
        }
    }
}

/// A confirmation.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmInput {
    /// The total that the buyer saw, in minor units. If it is no longer that, nothing happens and the answer has the new quote.
    #[schema(example = 3900, minimum = 0, maximum = 99_999_999_999_i64)]
    pub expected_total: i64,
    /// How the buyer pays: one of the session's `payment_methods`.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// What the buyer agrees to, over what the session has already.
    #[serde(default)]
    #[validate(nested)]
    pub consents: ConsentsInput,
}

/// How a test payment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// The money is there.
    Succeeded,
    /// The provider says no.
    Failed,
    /// Still undecided.
    Pending,
}

/// The outcome of a test payment.
#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestPaymentInput {
    /// How it ends.
    pub outcome: TestOutcome,
}

/// An opened session and its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenedSession {
    /// The session.
    pub session: SessionView,
    /// Send it as `Authorization: Bearer …` on every route of this session. Shown here only.
    #[schema(example = "kassa_ss_AQGPY4dJ…")]
    pub client_secret: String,
}

/// The order of a session and the attempt to pay it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderAndPayment {
    /// The order.
    pub order: BuyerOrderView,
    /// The open attempt, or the last one.
    pub payment: PaymentView,
}

/// One buyer's visit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// Where it stands.
    pub status: SessionStatus,
    /// The shop.
    pub checkout: SessionCheckout,
    /// The offer.
    pub offer: SessionOffer,
    /// The basket.
    pub lines: Vec<SessionLineView>,
    /// What it costs.
    pub totals: TotalsView,
    /// How it can be paid.
    pub payment_methods: Vec<PaymentMethodView>,
    /// What is known of the buyer.
    pub customer: SessionCustomer,
    /// What the buyer agreed to so far.
    pub consents: ConsentsInput,
    /// What the buyer reads.
    pub locale: Locale,
    /// How the link's page looks.
    pub options: CheckoutOptions,
    /// The merchant's own data.
    pub custom: Custom,
    /// When it ends without another write.
    #[schema(format = DateTime, example = "2026-11-21T12:00:00.000Z")]
    pub expires_at: String,
    /// The order it became.
    pub order_id: Option<OrderId>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// When it was opened.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// The shop of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionCheckout {
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
}

/// The offer of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionOffer {
    /// The offer.
    pub id: OfferId,
    /// Its title.
    pub title: Name,
    /// What it is.
    pub description: Option<Description>,
}

/// A line of the basket.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SessionLine)]
pub struct SessionLineView {
    /// The line.
    pub id: LineId,
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
}

/// What a session costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Totals)]
pub struct TotalsView {
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
    /// What there is to pay: `expected_total` of the confirmation.
    #[schema(example = 3900)]
    pub total: i64,
    /// The tax, by rate.
    pub tax_breakdown: Vec<TaxGroupView>,
}

/// A way to pay.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub struct PaymentMethodView {
    /// Who takes the money.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// Whether it can be used now.
    pub available: bool,
}

/// What is known of the buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionCustomer {
    /// Their address.
    pub email: Option<Email>,
    /// Their country.
    pub country: Option<Country>,
    /// Their first name.
    pub first_name: Option<Name>,
    /// Their last name.
    pub last_name: Option<Name>,
    /// Their postal code.
    pub postal_code: Option<Label>,
    /// Their VAT number.
    pub vat_number: Option<Label>,
    /// What of it the buyer may not change: words of the link's `checkout_data`.
    #[schema(example = json!(["email"]))]
    pub locked: Vec<String>,
}

/// A session that ended without an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExpiredSession {
    /// The session.
    pub id: SessionId,
    /// Always `expired`.
    pub status: SessionStatus,
    /// Whether it was a test.
    pub test_mode: bool,
}

impl From<Quoted> for SessionView {
    fn from(quoted: Quoted) -> Self {
        let Quoted {
            session,
            link,
            lines,
            quote,
        } = quoted;
        let lines = lines
            .into_iter()
            .zip(quote.lines)
            .map(|(line, priced)| SessionLineView {
                unit_amount: line.unit_amount().unwrap_or_default(),
                original_unit_amount: line.original_unit_amount(),
                lowest_amount_30_days: line.lowest_amount_30_days,
                id: line.id,
                product_id: line.product_id,
                variant_id: line.variant_id,
                name: line.name,
                quantity: line.quantity,
                min: line.quantity_min,
                max: line.quantity_max,
                subtotal: priced.subtotal,
                discount: priced.discount,
                tax_rate: priced.tax_rate.normalize().to_string(),
                tax: priced.tax,
                total: priced.total,
            })
            .collect();
        Self {
            id: session.id,
            status: session.status,
            checkout: SessionCheckout {
                name: link.checkout_name,
                slug: link.checkout_slug,
            },
            offer: SessionOffer {
                id: session.offer_id,
                title: link.offer_title,
                description: link.offer_description,
            },
            lines,
            totals: TotalsView {
                currency: session.currency,
                subtotal: quote.subtotal,
                discount_total: quote.discount_total,
                tax: quote.tax,
                total: quote.total,
                tax_breakdown: quote.tax_breakdown.into_iter().map(Into::into).collect(),
            },
            payment_methods: ProviderKind::EVERY
                .iter()
                .filter(|provider| provider.available(session.test_mode))
                .map(|provider| PaymentMethodView {
                    provider: *provider,
                    available: true,
                })
                .collect(),
            customer: SessionCustomer {
                email: session.email,
                country: session.country,
                first_name: session.first_name,
                last_name: session.last_name,
                postal_code: session.postal_code,
                vat_number: session.vat_number,
                locked: session.locked,
            },
            consents: serde_json::from_value(session.consents).unwrap_or_default(),
            locale: session.locale,
            options: link
                .checkout_options
                .and_then(|options| serde_json::from_value(options).ok())
                .unwrap_or_default(),
            custom: serde_json::from_value(session.custom).unwrap_or_default(),
            expires_at: rfc3339(&session.expires_at),
            order_id: session.order_id,
            test_mode: session.test_mode,
            created_at: rfc3339(&session.created_at),
            updated_at: rfc3339(&session.updated_at),
        }
    }
}
