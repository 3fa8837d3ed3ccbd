//! What a report is asked for, and its rows.

use std::str::FromStr;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::kernel::clock::Instant;
use crate::kernel::money::Currency;

/// By what sales are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The day they were paid, in UTC.
    Day,
    /// Where the buyer came from.
    Source,
    /// The link of the order.
    Link,
    /// The product of the line.
    Product,
    /// The code of the order.
    DiscountCode,
    /// The buyer's country.
    Country,
}

impl GroupBy {
    /// Every way, and its word.
    pub const EVERY: &'static [(Self, &'static str)] = &[
        (Self::Day, "day"),
        (Self::Source, "source"),
        (Self::Link, "link"),
        (Self::Product, "product"),
        (Self::DiscountCode, "discount_code"),
        (Self::Country, "country"),
    ];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        let known = Self::EVERY.iter().find(|(way, _)| *way == self);
        known.map_or("", |(_, word)| word)
    }
}

impl FromStr for GroupBy {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::EVERY.iter().find(|(_, word)| *word == text);
        known.map(|(way, _)| *way).ok_or_else(|| {
            let words: Vec<_> = Self::EVERY.iter().map(|(_, word)| *word).collect();
            format!("`{text}` is none of: {}", words.join(", "))
        })
    }
}

/// Which sales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// By what they are put together.
    pub group_by: GroupBy,
    /// Paid, or gone back, at this moment or later.
    pub from: Instant,
    /// And before this moment.
    pub to: Instant,
    /// In this currency; the checkout's default one when absent.
    pub currency: Option<Currency>,
    /// Of test sales instead of live ones.
    pub test_mode: bool,
}

/// A group of sales, or all groups together that are too many to be told apart.
#[derive(Clone, Debug, QueryableByName)]
pub struct Group {
    /// What its sales have in common; none for those that have none of it.
    #[diesel(sql_type = Nullable<Text>)]
    pub key: Option<String>,
    /// What people call that.
    #[diesel(sql_type = Nullable<Text>)]
    pub label: Option<String>,
    /// Its place among the groups, the largest first.
    #[diesel(sql_type = BigInt)]
    pub place: i64,
    /// How many groups it stands for.
    #[diesel(sql_type = BigInt)]
    pub groups: i64,
    /// What was sold, before discounts.
    #[diesel(sql_type = BigInt)]
    pub gross: i64,
    /// What discounts took off.
    #[diesel(sql_type = BigInt)]
    pub discounts: i64,
    /// The tax of what was sold.
    #[diesel(sql_type = BigInt)]
    pub tax: i64,
    /// What went back.
    #[diesel(sql_type = BigInt)]
    pub refunds: i64,
    /// The tax in that.
    #[diesel(sql_type = BigInt)]
    pub refunded_tax: i64,
    /// How many orders.
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    /// How many of them with an add-on.
    #[diesel(sql_type = BigInt)]
    pub with_add_on: i64,
    /// How many orders there are in all groups: one may be in several.
    #[diesel(sql_type = BigInt)]
    pub all_orders: i64,
    /// How many of those with an add-on.
    #[diesel(sql_type = BigInt)]
    pub all_with_add_on: i64,
}
