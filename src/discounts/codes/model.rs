//! Rows of codes.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::db::schema::discount_amounts;
use crate::kernel::clock::Instant;
use crate::kernel::code_text::CodeText;
use crate::kernel::ids::{DiscountCodeId, ProductId};
use crate::kernel::money::Currency;
use crate::kernel::text::Description;
use crate::word_enum;

word_enum! {
    /// How a code takes something off.
    pub enum DiscountType in "discount_codes.type" {
        /// A part of what it applies to.
        Percentage = "percentage",
        /// A fixed amount per currency, at most what it applies to.
        FixedAmount = "fixed_amount",
    }
}

word_enum! {
    /// What a full refund gives back.
    pub enum RefundPolicy in "discount_codes.refund_policy" {
        /// Nothing: the use stays used.
        Keep = "keep",
        /// The customer may use the code once more.
        ReleaseCustomerSlot = "release_customer_slot",
    }
}

/// A code with how often it is used.
#[derive(Clone, Debug, QueryableByName)]
pub struct DiscountCode {
    /// The code's id.
    #[diesel(sql_type = SqlUuid)]
    pub id: DiscountCodeId,
    /// What buyers type.
    #[diesel(sql_type = Text)]
    pub code: CodeText,
    /// For the merchant.
    #[diesel(sql_type = Nullable<Text>)]
    pub description: Option<Description>,
    /// How it takes something off.
    #[diesel(column_name = "type", sql_type = Text)]
    pub discount_type: DiscountType,
    /// Percent, up to two decimals.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub percentage: Option<Decimal>,
    /// Not for products that are reduced already.
    #[diesel(sql_type = Bool)]
    pub exclude_discounted_products: bool,
    /// What a full refund gives back.
    #[diesel(sql_type = Text)]
    pub refund_policy: RefundPolicy,
    /// Whether it works.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// From when.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub valid_from: Option<Instant>,
    /// Until when.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<Instant>,
    /// How often in all.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub usage_limit: Option<i64>,
    /// How often per e-mail.
    #[diesel(sql_type = Nullable<Integer>)]
    pub max_per_customer: Option<i32>,
    /// The merchant's own pairs.
    #[diesel(sql_type = Jsonb)]
    pub metadata: serde_json::Value,
    /// When it was put away.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub archived_at: Option<Instant>,
    /// The products it is for; none: all.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub product_ids: Vec<ProductId>,
    /// Redeemed uses, live ones.
    #[diesel(sql_type = BigInt)]
    pub redeemed: i64,
    /// Live holds.
    #[diesel(sql_type = BigInt)]
    pub held: i64,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}

/// What decides whether and how a code applies to a basket of one currency: one row, whoever asks.
#[derive(Clone, Debug, QueryableByName)]
pub struct CodeTerms {
    /// The code's id.
    #[diesel(sql_type = SqlUuid)]
    pub discount_code_id: DiscountCodeId,
    /// What buyers type.
    #[diesel(sql_type = Text)]
    pub code: CodeText,
    /// How it takes something off.
    #[diesel(column_name = "type", sql_type = Text)]
    pub discount_type: DiscountType,
    /// Percent, up to two decimals.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub percentage: Option<Decimal>,
    /// What it takes off in the currency.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// What the eligible lines must come to in the currency.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub minimum_amount: Option<i64>,
    /// Not for products that are reduced already.
    #[diesel(sql_type = Bool)]
    pub exclude_discounted_products: bool,
    /// The products it is for; none: all.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub product_ids: Vec<ProductId>,
    /// Whether it works.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// Whether its uses are counted.
    #[diesel(sql_type = Bool)]
    pub limited: bool,
    /// Whether it was put away.
    #[diesel(sql_type = Bool)]
    pub archived: bool,
    /// From when.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub valid_from: Option<Instant>,
    /// Until when.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub valid_until: Option<Instant>,
    /// How often per e-mail.
    #[diesel(sql_type = Nullable<Integer>)]
    pub max_per_customer: Option<i32>,
}

/// What a code is worth and asks for in one currency.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = discount_amounts)]
pub struct CodeAmount {
    /// The code.
    pub discount_code_id: DiscountCodeId,
    /// The currency.
    pub currency: Currency,
    /// What it takes off.
    pub amount: Option<i64>,
    /// What the eligible lines must come to.
    pub minimum_amount: Option<i64>,
}

/// A code with its amounts.
#[derive(Clone, Debug)]
pub struct CodeDetail {
    /// The code.
    pub code: DiscountCode,
    /// Its amounts.
    pub amounts: Vec<CodeAmount>,
}

/// A code to be made.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// Its id.
    pub id: DiscountCodeId,
    /// What buyers type.
    pub code: CodeText,
    /// For the merchant.
    pub description: Option<Description>,
    /// How it takes something off.
    pub discount_type: DiscountType,
    /// Percent.
    pub percentage: Option<Decimal>,
    /// Currency, amount, minimum.
    pub amounts: Vec<(Currency, Option<i64>, Option<i64>)>,
    /// Not for products that are reduced already.
    pub exclude_discounted_products: bool,
    /// The products it is for.
    pub product_ids: Vec<ProductId>,
    /// What a full refund gives back.
    pub refund_policy: RefundPolicy,
    /// Whether it works.
    pub active: bool,
    /// From when.
    pub valid_from: Option<Instant>,
    /// Until when.
    pub expires_at: Option<Instant>,
    /// How often in all.
    pub usage_limit: Option<i64>,
    /// How often per e-mail.
    pub max_per_customer: Option<i32>,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
}
