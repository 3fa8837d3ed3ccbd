//! Rows of orders and lines, and the table of transitions.

use chrono::NaiveDate;
use diesel::QueryableByName;
use rust_decimal::Decimal;

use crate::actions::model::ActionRun;
use crate::db::schema::{order_attention, order_lines, orders};
use crate::kernel::clock::Instant;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::ids::{
    CustomerId, DiscountCodeId, LineId, LinkId, OfferId, OrderId, ProductId, SessionId, VariantId,
};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Email, Label, Name, Slug};
use crate::licenses::model::License;
use crate::payments::model::Payment;
use crate::payments::refunds::model::Ledger;
use crate::pricing::tax::TaxReason;
use crate::vat_checks::model::VatNumberStatus;
use crate::word_enum;

word_enum! {
    /// Where an order stands.
    pub enum OrderStatus in "orders.status" {
        /// Confirmed.
        NotPaid = "not_paid",
        /// Paid; its actions are not all done.
        Paid = "paid",
        /// Paid, and every action has succeeded.
        Completed = "completed",
        /// All money went back.
        Refunded = "refunded",
        /// Never paid, and gone.
        Deleted = "deleted",
    }
}

word_enum! {
    /// Where the money stands.
    pub enum OrderPaymentStatus in "orders.payment_status" {
        /// Nothing is under way.
        Unpaid = "unpaid",
        /// An attempt is at its provider.
        Pending = "pending",
        /// Paid.
        Paid = "paid",
        /// Some of it went back.
        PartiallyRefunded = "partially_refunded",
        /// All of it went back.
        Refunded = "refunded",
    }
}

word_enum! {
    /// Where delivery stands.
    pub enum FulfillmentStatus in "orders.fulfillment_status" {
        /// Nothing delivered.
        NotDelivered = "not_delivered",
        /// Some lines delivered.
        PartiallyDelivered = "partially_delivered",
        /// Every line delivered.
        Delivered = "delivered",
    }
}

word_enum! {
    /// Where delivery of one line stands.
    pub enum LineFulfillment in "order_lines.fulfillment_status" {
        /// Not delivered.
        NotDelivered = "not_delivered",
        /// Delivered.
        Delivered = "delivered",
    }
}

word_enum! {
    /// How a line came into the basket.
    pub enum LineRole in "order_lines.role" {
        /// With the offer.
        Main = "main",
        /// As an order bump.
        OrderBump = "order_bump",
        /// As a pre-upsell.
        PreUpsell = "pre_upsell",
        /// As an upgrade of a product of the offer.
        Upgrade = "upgrade",
    }
}

word_enum! {
    /// Why an order was deleted.
    pub enum DeletionReason in "orders.deletion_reason" {
        /// Nobody paid it for so long that it was given up.
        UnpaidExpired = "unpaid_expired",
        /// A member of staff cancelled it.
        CancelledByStaff = "cancelled_by_staff",
    }
}

word_enum! {
    /// Why a person should look at an order.
    pub enum AttentionCode in "order_attention.code" {
        /// An action is not done long after the money came.
        ActionsIncomplete = "actions_incomplete",
        /// Its code was redeemed beyond the limit: the hold had lapsed and the limit was full, but the money was taken.
        OverLimitRedemption = "over_limit_redemption",
        /// Money came for an order that was paid already.
        DoublePayment = "double_payment",
        /// Money came for an order that is deleted.
        OrphanPayment = "orphan_payment",
        /// Another amount came than was asked for.
        AmountMismatch = "amount_mismatch",
        /// Money that should have gone back did not.
        RefundFailed = "refund_failed",
        /// Nobody knows whether money went back, and asking for it again might send it twice; or it went back at the provider, unasked.
        RefundUnknown = "refund_unknown",
        /// There are no license keys left to give.
        LicensePoolEmpty = "license_pool_empty",
        /// Somebody has to deliver by hand.
        ManualDeliveryDue = "manual_delivery_due",
        /// The buyer's bank disputes the payment.
        Dispute = "dispute",
    }
}

/// A matter that a person should look at.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_attention)]
pub struct Attention {
    /// Why.
    pub code: AttentionCode,
    /// Since when.
    pub since: Instant,
    /// When somebody said that it is seen to.
    pub acknowledged_at: Option<Instant>,
    /// What they said was done about it.
    pub note: Option<Description>,
}

/// An order.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = orders)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// Its number in the checkout: live and test orders have a series each.
    pub number: i64,
    /// The session it came from.
    pub session_id: SessionId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Where the money stands.
    pub payment_status: OrderPaymentStatus,
    /// Where delivery stands.
    pub fulfillment_status: FulfillmentStatus,
    /// How often it was confirmed.
    pub revision: i32,
    /// One more at every change.
    pub version: i32,
    /// The currency of every amount.
    pub currency: Currency,
    /// Sum of the lines' subtotals.
    pub subtotal: i64,
    /// Sum of the lines' discounts.
    pub discount_total: i64,
    /// Sum of the lines' taxes.
    pub tax: i64,
    /// Sum of the lines' totals.
    pub total: i64,
    /// Units of the reporting currency for one of this, as it was at the confirmation; none where no rate was known.
    pub currency_rate: Option<Decimal>,
    /// The day that the rate is of.
    pub currency_rate_on: Option<NaiveDate>,
    /// Whether it was an old one already.
    pub currency_rate_stale: Option<bool>,
    /// The total in the reporting currency, from its converted parts.
    pub total_usd: Option<i64>,
    /// What went back.
    pub refunded_amount: i64,
    /// Whether prices included tax.
    pub prices_include_tax: bool,
    /// The offer.
    pub offer_id: OfferId,
    /// Its title then.
    pub offer_title: Name,
    /// Where the buyer goes after paying.
    pub success_url: Option<String>,
    /// The link.
    pub link_id: LinkId,
    /// Its slug then.
    pub link_slug: Slug,
    /// What it was called then in a system of the merchant's.
    pub external_id: Option<Label>,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    pub tags: Vec<String>,
    /// The buyer.
    pub customer_id: CustomerId,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The buyer's first name.
    pub first_name: Option<Name>,
    /// The buyer's last name.
    pub last_name: Option<Name>,
    /// The buyer's country.
    pub country: Country,
    /// What else the buyer filled in: [`super::contact::Contact`].
    pub contact: serde_json::Value,
    /// The buyer's language.
    pub locale: Locale,
    /// What the buyer agreed to, and when.
    pub consents: serde_json::Value,
    /// The code that was agreed on.
    pub discount_code_id: Option<DiscountCodeId>,
    /// The code as it was.
    pub discount_code: Option<CodeText>,
    /// Whether it was redeemed beyond its limit.
    pub discount_over_limit: bool,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// The merchant's own data, as the session had it.
    pub custom: serde_json::Value,
    /// The buyer's VAT number.
    pub vat_number: Option<Label>,
    /// What was known of it when the tax was decided.
    pub vat_number_status: Option<VatNumberStatus>,
    /// The proof of having asked VIES.
    pub vat_consultation_id: Option<String>,
    /// When VIES said so.
    pub vat_checked_at: Option<Instant>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// When it was confirmed.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// When it was completed.
    pub completed_at: Option<Instant>,
    /// When it was deleted.
    pub deleted_at: Option<Instant>,
    /// Why.
    pub deletion_reason: Option<DeletionReason>,
    /// In the words of who cancelled it.
    pub deletion_note: Option<Name>,
    /// Whether a person should look at it.
    pub requires_attention: bool,
    /// What staff note for each other.
    pub note: Option<Description>,
    /// The year of its receipt.
    pub receipt_year: Option<i32>,
    /// The receipt's number in that year.
    pub receipt_number: Option<i64>,
}

/// A line of an order, frozen.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_lines)]
pub struct OrderLine {
    /// The line.
    pub id: LineId,
    /// How it came into the basket.
    pub role: LineRole,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// What it was called.
    pub name: Name,
    /// How many.
    pub quantity: i32,
    /// What one cost.
    pub unit_amount: i64,
    /// What one cost before the merchant's own reduction.
    pub original_unit_amount: Option<i64>,
    /// Unit × quantity.
    pub subtotal: i64,
    /// Its share of the discount.
    pub discount: i64,
    /// Percent.
    pub tax_rate: Decimal,
    /// Where the tax is due.
    pub tax_country: Option<Country>,
    /// Why there is none.
    pub tax_reason: Option<TaxReason>,
    /// Its tax.
    pub tax: i64,
    /// What it costs.
    pub total: i64,
    /// What of that was let go, because staff took less money for the order.
    pub unpaid_amount: i64,
    /// Where its delivery stands.
    pub fulfillment_status: LineFulfillment,
    /// What of it went back.
    pub refunded_amount: i64,
    /// What of it is on its way back.
    pub held_amount: i64,
    /// When the access to it was taken away.
    pub returned_at: Option<Instant>,
    /// The offer it was sold by.
    pub offer_id: Option<OfferId>,
    /// The link it came by.
    pub link_id: Option<LinkId>,
    /// Where that link's buyers came from.
    pub source: Option<Label>,
    /// The merchant's own words on that link.
    pub tags: Vec<String>,
}

impl OrderLine {
    /// What can still be refunded of it once its order is paid, in minor units.
    pub const fn refundable(&self) -> i64 {
        self.total - self.unpaid_amount - self.refunded_amount - self.held_amount
    }
}

/// An order with all that belongs to it.
#[derive(Clone, Debug)]
pub struct OrderDetail {
    /// The order.
    pub order: Order,
    /// In the order of the basket.
    pub lines: Vec<OrderLine>,
    /// Oldest first.
    pub payments: Vec<Payment>,
    /// In the order of their making.
    pub actions: Vec<ActionRun>,
    /// What a person should look at.
    pub attention: Vec<Attention>,
    /// What went back, oldest first.
    pub refunds: Vec<Ledger>,
    /// What was issued, by line and unit.
    pub licenses: Vec<License>,
}
