//! Rows of sessions and their lines.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};

use crate::catalog::products::model::VatType;
use crate::db::schema::checkout_sessions;
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::{LineId, LinkId, OfferId, OrderId, ProductId, SessionId, VariantId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Label, Name};
use crate::word_enum;

word_enum! {
    /// Where a session stands.
    pub enum SessionStatus in "checkout_sessions.status" {
        /// The buyer is choosing.
        Open = "open",
        /// The order exists and is not paid.
        Confirmed = "confirmed",
        /// The order is paid.
        Completed = "completed",
        /// Ended without an order.
        Expired = "expired",
    }
}

/// One buyer's visit.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = checkout_sessions)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// The link it came from.
    pub link_id: LinkId,
    /// The offer.
    pub offer_id: OfferId,
    /// Where it stands.
    pub status: SessionStatus,
    /// What the buyer pays in.
    pub currency: Currency,
    /// What the buyer reads.
    pub locale: Locale,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The buyer's country.
    pub country: Option<Country>,
    /// The buyer's first name.
    pub first_name: Option<Name>,
    /// The buyer's last name.
    pub last_name: Option<Name>,
    /// The buyer's postal code.
    pub postal_code: Option<Label>,
    /// The buyer's VAT number.
    pub vat_number: Option<Label>,
    /// A discount code that came with the link or the buyer.
    pub discount_code: Option<Label>,
    /// The merchant's own data.
    pub custom: serde_json::Value,
    /// Parts of the link's prefill that the buyer may not change.
    pub locked: Vec<String>,
    /// What the buyer agreed to so far.
    pub consents: serde_json::Value,
    /// Where the buyer came from.
    pub source: Option<Label>,
    /// The merchant's own words.
    pub tags: Vec<String>,
    /// Whether it is a test.
    pub test_mode: bool,
    /// The order it became.
    pub order_id: Option<OrderId>,
    /// When it ends without another write.
    pub expires_at: Instant,
    /// When it was opened.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A line of the basket with the price that holds now.
#[derive(Clone, Debug, QueryableByName)]
pub struct SessionLine {
    /// The line.
    #[diesel(sql_type = SqlUuid)]
    pub id: LineId,
    /// The product.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// The variant.
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// How it is taxed.
    #[diesel(sql_type = Text)]
    pub vat_type: VatType,
    /// Where it takes place, if it does and not where the shop sells from.
    #[diesel(sql_type = Nullable<Text>)]
    pub place_country: Option<Country>,
    /// How many.
    #[diesel(sql_type = Integer)]
    pub quantity: i32,
    /// At least.
    #[diesel(sql_type = Integer)]
    pub quantity_min: i32,
    /// At most.
    #[diesel(sql_type = Integer)]
    pub quantity_max: i32,
    /// What one costs in the session's currency; empty when it is not offered in it any more.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// A lower price that is paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before that discount.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub lowest_amount_30_days: Option<i64>,
}

impl SessionLine {
    /// What one costs now.
    pub fn unit_amount(&self) -> Option<i64> {
        self.discounted_amount.or(self.amount)
    }

    /// What one would cost without the merchant's own reduction.
    pub fn original_unit_amount(&self) -> Option<i64> {
        self.discounted_amount.and(self.amount)
    }
}
