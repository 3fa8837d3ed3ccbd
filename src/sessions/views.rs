//! What buyers' pages send and see.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::basket::views::{SessionAddOnView, SessionLineView};
use super::discount::views::SessionDiscountView;
use super::messages::Message;
use super::model::SessionStatus;
use super::payment::views::PaymentMethodView;
use crate::http::merge_patch::Merge;
use crate::kernel::country::Country;
use crate::kernel::ids::{OfferId, OrderId, SessionId, VariantId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::patch::{Patch, present};
use crate::kernel::text::{Description, Email, Label, Metadata, Name, Slug};
use crate::kernel::vat_number::VatNumber;
use crate::links::custom::Custom;
use crate::links::options::CheckoutOptions;
use crate::orders::lines::views::TaxGroupView;
use crate::payments::views::BuyerPaymentView;
use crate::vat_checks::model::VatNumberStatus;

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
    /// The merchant's own pairs, which the order begins with. They come from the buyer's page: trust them no more than that.
    #[serde(default)]
    pub metadata: Metadata,
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
    /// Their VAT number. One of another EU country than the seller's is asked about at VIES, in the background.
    pub vat_number: Option<VatNumber>,
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
    /// Their company.
    pub company: Option<Label>,
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
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
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
    #[schema(value_type = Option<VatNumber>, required = false)]
    pub vat_number: Patch<VatNumber>,
    /// Their state or province; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub state: Patch<Label>,
    /// Their phone number; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub phone: Patch<Label>,
    /// Their city; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub city: Patch<Label>,
    /// Their street and number; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub street: Patch<Label>,
    /// Apartment, stairs, c/o; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub apartment: Patch<Label>,
    /// Their company; null clears.
    #[serde(default)]
    #[schema(value_type = Option<Label>, required = false)]
    pub company: Patch<Label>,
}

/// What the buyer agrees to. `terms` and `privacy` must be true to confirm.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SessionConsents)]
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

/// An opened session and its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenedSession {
    /// The session.
    pub session: SessionView,
    /// Send it as `Authorization: Bearer …` on every route of this session. Shown here only.
    #[schema(example = "kassa_ss_AQGPY4dJ…")]
    pub client_secret: String,
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
    /// What may be added to it.
    pub add_ons: Vec<SessionAddOnView>,
    /// The code that takes something off.
    pub discount: Option<SessionDiscountView>,
    /// What it costs.
    pub totals: TotalsView,
    /// How it can be paid.
    pub payment_methods: Vec<PaymentMethodView>,
    /// The last attempt to pay the order, once there is one.
    pub payment: Option<BuyerPaymentView>,
    /// What is known of the buyer.
    pub customer: SessionCustomer,
    /// What the buyer agreed to so far.
    pub consents: ConsentsInput,
    /// What the buyer should know: what the last change did to the code, and prices that changed since they were seen.
    pub messages: Vec<Message>,
    /// What the buyer reads.
    pub locale: Locale,
    /// How the link's page looks.
    pub options: CheckoutOptions,
    /// The merchant's own data.
    pub custom: Custom,
    /// The merchant's own pairs.
    pub metadata: Metadata,
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
    #[schema(example = "SE556677889901")]
    pub vat_number: Option<Label>,
    /// What is known of that number: with `unverified` the seller's policy decides on the tax, and a later read may say more.
    #[schema(value_type = Option<String>, example = "valid", examples("unverified", "valid", "invalid"))]
    pub vat_number_status: Option<VatNumberStatus>,
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
    /// Their company.
    pub company: Option<Label>,
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
