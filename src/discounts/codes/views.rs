//! Codes as clients send and see them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{CodeDetail, DiscountType, RefundPolicy};
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::code_text::CodeText;
use crate::kernel::ids::{DiscountCodeId, ProductId};
use crate::kernel::moment::Moment;
use crate::kernel::money::Currency;
use crate::kernel::patch::{Patch, present};
use crate::kernel::places::each_once;
use crate::kernel::text::{Description, Metadata};

/// An amount in one currency.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CurrencyAmount)]
pub struct AmountView {
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    #[validate(range(min = 1, max = 99_999_999_999_i64, message = "must be 1 to 99999999999"))]
    #[schema(minimum = 1, maximum = 99_999_999_999_i64, example = 1000)]
    pub amount: i64,
}

fn refused(code: &'static str, detail: &'static str) -> ValidationError {
    ValidationError::new(code).with_message(detail.into())
}

fn in_percent(value: &Decimal) -> Result<(), ValidationError> {
    let fine = *value > Decimal::ZERO && *value <= Decimal::ONE_HUNDRED && value.normalize().scale() <= 2;
    if fine {
        Ok(())
    } else {
        Err(refused("range", "must be 0.01 to 100 with at most two decimals"))
    }
}

fn patched_percentage(patch: &Patch<Decimal>) -> Result<(), ValidationError> {
    match patch {
        Patch::Value(value) => in_percent(value),
        Patch::Absent | Patch::Null => Ok(()),
    }
}

fn once_each(list: &[AmountView]) -> Result<(), ValidationError> {
    each_once(
        list,
        |amount| amount.currency,
        || refused("duplicate", "each currency once"),
    )
}

/// A code to be made.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscountCodeInput {
    /// What buyers type.
    pub code: CodeText,
    /// For the merchant.
    #[serde(default)]
    pub description: Option<Description>,
    /// How it takes something off.
    #[serde(rename = "type")]
    pub discount_type: DiscountType,
    /// Percent, 0.01 to 100; for `percentage` only.
    #[serde(default)]
    #[validate(custom(function = "in_percent"))]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,3}(\\.[0-9]{1,2})?$", example = "12.5")]
    pub percentage: Option<Decimal>,
    /// What it takes off per currency; for `fixed_amount` only.
    #[serde(default)]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "once_each")
    )]
    #[schema(max_items = 50)]
    pub amounts: Vec<AmountView>,
    /// What the lines it applies to must come to, per currency.
    #[serde(default)]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "once_each")
    )]
    #[schema(max_items = 50)]
    pub minimum_amounts: Vec<AmountView>,
    /// From when it works.
    #[serde(default)]
    pub valid_from: Option<Moment>,
    /// Until when it works.
    #[serde(default)]
    pub expires_at: Option<Moment>,
    /// How often it works in all.
    #[serde(default)]
    #[validate(range(min = 1, max = 1_000_000_000, message = "must be 1 to 1000000000"))]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 50)]
    pub usage_limit: Option<i64>,
    /// How often it works for one e-mail address.
    #[serde(default)]
    #[validate(range(min = 1, max = 1_000_000, message = "must be 1 to 1000000"))]
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub max_per_customer: Option<i32>,
    /// Not for products that are reduced already.
    #[serde(default)]
    #[schema(example = false)]
    pub exclude_discounted_products: bool,
    /// The products it is for; all when empty.
    #[serde(default)]
    #[validate(length(max = 500, message = "at most 500 products"))]
    #[schema(max_items = 500)]
    pub product_ids: Vec<ProductId>,
    /// What a full refund gives back; `keep` when absent.
    #[serde(default)]
    pub refund_policy: Option<RefundPolicy>,
    /// Whether it works; true when absent.
    #[serde(default)]
    #[schema(example = true)]
    pub active: Option<bool>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A change of a code: absent keeps, null clears. What it is worth stays once it was redeemed.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscountCodePatch {
    /// What buyers type.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CodeText, required = false)]
    pub code: Option<CodeText>,
    /// For the merchant.
    #[serde(default)]
    #[schema(value_type = Option<Description>)]
    pub description: Patch<Description>,
    /// How it takes something off.
    #[serde(default, deserialize_with = "present", rename = "type")]
    #[schema(value_type = DiscountType, required = false)]
    pub discount_type: Option<DiscountType>,
    /// Percent, 0.01 to 100.
    #[serde(default)]
    #[validate(custom(function = "patched_percentage"))]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,3}(\\.[0-9]{1,2})?$", example = "12.5")]
    pub percentage: Patch<Decimal>,
    /// What it takes off per currency; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "once_each")
    )]
    #[schema(value_type = Vec<AmountView>, required = false, max_items = 50)]
    pub amounts: Option<Vec<AmountView>>,
    /// What the lines it applies to must come to, per currency; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(
        nested,
        length(max = 50, message = "at most 50 currencies"),
        custom(function = "once_each")
    )]
    #[schema(value_type = Vec<AmountView>, required = false, max_items = 50)]
    pub minimum_amounts: Option<Vec<AmountView>>,
    /// From when it works.
    #[serde(default)]
    #[schema(value_type = Option<Moment>)]
    pub valid_from: Patch<Moment>,
    /// Until when it works.
    #[serde(default)]
    #[schema(value_type = Option<Moment>)]
    pub expires_at: Patch<Moment>,
    /// How often it works in all.
    #[serde(default)]
    #[validate(custom(function = "patched_limit"))]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000, example = 50)]
    pub usage_limit: Patch<i64>,
    /// How often it works for one e-mail address.
    #[serde(default)]
    #[validate(custom(function = "patched_customer_limit"))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1_000_000, example = 1)]
    pub max_per_customer: Patch<i32>,
    /// Not for products that are reduced already.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = false)]
    pub exclude_discounted_products: Option<bool>,
    /// The products it is for; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[validate(length(max = 500, message = "at most 500 products"))]
    #[schema(value_type = Vec<ProductId>, required = false, max_items = 500)]
    pub product_ids: Option<Vec<ProductId>>,
    /// What a full refund gives back.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = RefundPolicy, required = false)]
    pub refund_policy: Option<RefundPolicy>,
    /// Whether it works. Switching it off ends holds of buyers who have not gone to payment.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = false)]
    pub active: Option<bool>,
    /// The merchant's own pairs, merged: null removes one, or all.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>, required = false)]
    pub metadata: Merge<Metadata>,
}

fn patched_limit(patch: &Patch<i64>) -> Result<(), ValidationError> {
    match patch {
        Patch::Value(limit) if !(1..=1_000_000_000).contains(limit) => Err(refused("range", "must be 1 to 1000000000")),
        _ => Ok(()),
    }
}

fn patched_customer_limit(patch: &Patch<i32>) -> Result<(), ValidationError> {
    match patch {
        Patch::Value(limit) if !(1..=1_000_000).contains(limit) => Err(refused("range", "must be 1 to 1000000")),
        _ => Ok(()),
    }
}

/// A discount code.
#[derive(Serialize, ToSchema)]
#[schema(as = DiscountCode)]
pub struct DiscountCodeView {
    /// The code's id.
    pub id: DiscountCodeId,
    /// What buyers type.
    pub code: CodeText,
    /// For the merchant.
    pub description: Option<Description>,
    /// How it takes something off.
    #[serde(rename = "type")]
    pub discount_type: DiscountType,
    /// Percent.
    #[schema(value_type = Option<String>, example = "12.5")]
    pub percentage: Option<String>,
    /// What it takes off per currency.
    pub amounts: Vec<AmountView>,
    /// What the lines it applies to must come to, per currency.
    pub minimum_amounts: Vec<AmountView>,
    /// From when it works.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub valid_from: Option<String>,
    /// Until when it works.
    #[schema(format = DateTime, example = "2026-12-20T12:00:00.000Z")]
    pub expires_at: Option<String>,
    /// How often it works in all.
    #[schema(example = 50)]
    pub usage_limit: Option<i64>,
    /// How often it works for one e-mail address.
    #[schema(example = 1)]
    pub max_per_customer: Option<i32>,
    /// Not for products that are reduced already.
    #[schema(example = false)]
    pub exclude_discounted_products: bool,
    /// The products it is for; all when empty.
    pub product_ids: Vec<ProductId>,
    /// What a full refund gives back.
    pub refund_policy: RefundPolicy,
    /// Whether it works.
    #[schema(example = true)]
    pub active: bool,
    /// `active` or `archived`.
    #[schema(example = "active", examples("active", "archived"))]
    pub status: &'static str,
    /// How often it was redeemed, test mode aside.
    #[schema(example = 12)]
    pub redeemed: i64,
    /// How many buyers hold it at this moment.
    #[schema(example = 3)]
    pub held: i64,
    /// How often it still works: the limit less redemptions and holds.
    #[schema(example = 35)]
    pub remaining: Option<i64>,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<CodeDetail> for DiscountCodeView {
    fn from(detail: CodeDetail) -> Self {
        let row = detail.code;
        let of = |value: fn(&super::model::CodeAmount) -> Option<i64>| {
            let rows = detail.amounts.iter();
            rows.filter_map(|row| {
                Some(AmountView {
                    currency: row.currency,
                    amount: value(row)?,
                })
            })
            .collect()
        };
        Self {
            amounts: of(|row| row.amount),
            minimum_amounts: of(|row| row.minimum_amount),
            id: row.id,
            code: row.code,
            description: row.description,
            discount_type: row.discount_type,
            percentage: row.percentage.map(|percentage| percentage.normalize().to_string()),
            valid_from: row.valid_from.as_ref().map(rfc3339),
            expires_at: row.expires_at.as_ref().map(rfc3339),
            usage_limit: row.usage_limit,
            max_per_customer: row.max_per_customer,
            exclude_discounted_products: row.exclude_discounted_products,
            product_ids: row.product_ids,
            refund_policy: row.refund_policy,
            active: row.active,
            status: if row.archived_at.is_some() {
                "archived"
            } else {
                "active"
            },
            redeemed: row.redeemed,
            held: row.held,
            // Late money may have passed the limit.
            remaining: row.usage_limit.map(|limit| (limit - row.redeemed - row.held).max(0)),
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// Many codes at once.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkInput {
    /// Up to a thousand codes.
    #[validate(nested)]
    #[schema(min_items = 1, max_items = 1000)]
    pub codes: Vec<DiscountCodeInput>,
}

/// What became of one code.
#[derive(Serialize, ToSchema)]
pub struct BulkResult {
    /// What was sent.
    pub code: CodeText,
    /// `created`, or `taken` when the checkout has this code already or it came twice.
    #[schema(example = "created", examples("created", "taken"))]
    pub status: &'static str,
    /// The code's id, when it was made.
    pub id: Option<DiscountCodeId>,
}

/// What became of each, in the order they were sent.
#[derive(Serialize, ToSchema)]
pub struct BulkResults {
    /// One for each code.
    pub data: Vec<BulkResult>,
}
