//! A report as the API shows it.

use chrono::{Days, TimeDelta};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Group, GroupBy, Period};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{DiscountCodeId, LinkId, ProductId};
use crate::kernel::money::Currency;

/// Something with the sums of a report after its own members.
macro_rules! with_sums {
    ($(#[$meta:meta])* $name:ident as $schema:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub struct $name {
            $($own)*
            /// What was sold before discounts took anything off: the totals of the orders, tax included, and `discounts`. What a merchant
            /// lets go of an order that was paid short stays in it: it is a loss, not a refund.
            #[schema(example = 49000)]
            pub gross: i64,
            /// What discount codes took off.
            #[schema(example = 4900)]
            pub discounts: i64,
            /// The tax in the totals; that of refunds is not taken off.
            #[schema(example = 8986)]
            pub tax: i64,
            /// What went back in the period, tax included, whenever it had been paid: by providers and as recorded. Reversals are taken
            /// off, and a refund that failed after all is taken off the day that it had counted on.
            #[schema(example = 3900)]
            pub refunds: i64,
            /// The tax in what went back.
            #[schema(example = 795)]
            pub refunded_tax: i64,
            /// What stays, without tax: `gross - discounts - tax - (refunds - refunded_tax)`.
            #[schema(example = 32009)]
            pub net: i64,
            /// How many orders were paid in the period.
            #[schema(example = 10)]
            pub orders: i64,
            /// How many of them have a line by an add-on: an order bump, a pre-upsell or an upgrade.
            #[schema(example = 3)]
            pub orders_with_add_on: i64,
            /// `orders_with_add_on` in percent of `orders`, to two decimals; none where there are no orders.
            #[schema(example = "30")]
            pub add_on_accept_rate: Option<String>,
        }
    };
}

with_sums! {
    /// Sales that have something in common.
    SalesGroupView as SalesGroup {
        /// What they have in common: a day (UTC), a source, a country, or the id of a link, a product or a discount code. None for orders
        /// without a source or a code.
        #[schema(example = "2026-11-20")]
        pub key: Option<String>,
        /// What people call it: a link's slug, a product's name, a code.
        #[schema(example = "spring-course")]
        pub label: Option<String>,
    }
}

with_sums! {
    /// The groups that come after the 500 largest, as one.
    SalesRestView as SalesRest {
        /// How many groups they are.
        #[schema(example = 12)]
        pub groups: i64,
    }
}

with_sums! {
    /// The sums of all groups.
    SalesTotalsView as SalesTotals {}
}

/// What was sold in a period, and what went back.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SalesReport)]
pub struct SalesReportView {
    /// By what the sales are put together.
    #[schema(
        example = "day",
        examples("day", "source", "link", "product", "discount_code", "country")
    )]
    pub group_by: &'static str,
    /// The beginning of the period.
    #[schema(format = DateTime, example = "2026-11-01T00:00:00.000Z")]
    pub from: String,
    /// Its end, not in it.
    #[schema(format = DateTime, example = "2026-12-01T00:00:00.000Z")]
    pub to: String,
    /// The currency of every amount: orders in others are in no sum.
    pub currency: Currency,
    /// Whether it is about test sales.
    #[schema(example = false)]
    pub test_mode: bool,
    /// The sums of all groups. An order counts once in `orders` here, though it is in the group of each of its products.
    pub totals: SalesTotalsView,
    /// Days ascend, and days without sales are there with zeros; other groups come the largest first, up to 500 of them.
    pub data: Vec<SalesGroupView>,
    /// What comes after those.
    pub rest: Option<SalesRestView>,
}

/// Percent, to two decimals, half away from zero.
fn rate(part: i64, whole: i64) -> Option<String> {
    let percent = (Decimal::from(part) * Decimal::ONE_HUNDRED).checked_div(Decimal::from(whole))?;
    let rounded = percent.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Some(rounded.normalize().to_string())
}

/// A view with the sums of a row, after members of its own.
macro_rules! sums {
    ($view:ident, $row:expr, $orders:expr, $with_add_on:expr $(, $own:ident: $value:expr)*) => {
        $view {
            $($own: $value,)*
            gross: $row.gross,
            discounts: $row.discounts,
            tax: $row.tax,
            refunds: $row.refunds,
            refunded_tax: $row.refunded_tax,
            net: $row.gross - $row.discounts - $row.tax - ($row.refunds - $row.refunded_tax),
            orders: $orders,
            orders_with_add_on: $with_add_on,
            add_on_accept_rate: rate($with_add_on, $orders),
        }
    };
}

/// An id in the database's form as the API writes it.
fn shown(group_by: GroupBy, key: String) -> String {
    let Ok(id) = key.parse::<Uuid>() else {
        return key;
    };
    match group_by {
        GroupBy::Link => LinkId::from_uuid(id).to_string(),
        GroupBy::Product => ProductId::from_uuid(id).to_string(),
        GroupBy::DiscountCode => DiscountCodeId::from_uuid(id).to_string(),
        GroupBy::Day | GroupBy::Source | GroupBy::Country => key,
    }
}

/// Nothing sold and nothing gone back.
fn nothing(key: Option<String>) -> Group {
    Group {
        key,
        label: None,
        place: 0,
        groups: 1,
        gross: 0,
        discounts: 0,
        tax: 0,
        refunds: 0,
        refunded_tax: 0,
        orders: 0,
        with_add_on: 0,
        all_orders: 0,
        all_with_add_on: 0,
    }
}

/// Every day of the period, ascending.
fn every_day(period: &Period, mut rows: Vec<Group>) -> Vec<Group> {
    let last = (period.to - TimeDelta::microseconds(1)).date_naive();
    let first = period.from.date_naive();
    let mut days = Vec::new();
    let mut day = Some(first);
    while let Some(current) = day.filter(|day| *day <= last) {
        let key = Some(current.format("%Y-%m-%d").to_string());
        let found = rows.iter().position(|row| row.key == key);
        days.push(found.map_or_else(|| nothing(key), |place| rows.swap_remove(place)));
        day = current.checked_add_days(Days::new(1));
    }
    days
}

impl SalesReportView {
    /// The report of a period, of its rows as the query gives them.
    pub fn of(period: &Period, currency: Currency, rows: Vec<Group>, most: i64) -> Self {
        let mut all = nothing(None);
        for row in &rows {
            all.gross += row.gross;
            all.discounts += row.discounts;
            all.tax += row.tax;
            all.refunds += row.refunds;
            all.refunded_tax += row.refunded_tax;
        }
        let (orders, with_add_on) = rows.first().map_or((0, 0), |row| (row.all_orders, row.all_with_add_on));
        let (told_apart, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.place <= most);
        let told_apart = match period.group_by {
            GroupBy::Day => every_day(period, told_apart),
            _ => told_apart,
        };
        let group = |row: Group| {
            sums!(SalesGroupView, row, row.orders, row.with_add_on,
                key: row.key.map(|key| shown(period.group_by, key)), label: row.label)
        };
        Self {
            group_by: period.group_by.as_str(),
            from: rfc3339(&period.from),
            to: rfc3339(&period.to),
            currency,
            test_mode: period.test_mode,
            totals: sums!(SalesTotalsView, all, orders, with_add_on),
            data: told_apart.into_iter().map(group).collect(),
            rest: rest
                .into_iter()
                .next()
                .map(|row| sums!(SalesRestView, row, row.orders, row.with_add_on, groups: row.groups)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_percent_to_two_decimals() {
        let shown = |part, whole| rate(part, whole).unwrap_or_default();
        assert_eq!(
            [shown(1, 3), shown(2, 3), shown(1, 2), shown(0, 5), shown(5, 5)],
            ["33.33", "66.67", "50", "0", "100"]
        );
        assert_eq!(rate(0, 0), None);
        assert_eq!(shown(1, 800), "0.13", "half away from zero");
    }
}
