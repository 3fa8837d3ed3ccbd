//! The one query of a report.
//!
//! Sales are found by when they were paid and refunds by when they took effect, each on an index that begins with tenant and mode.

use super::model::{Group, GroupBy, Period};
use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::CheckoutId;
use crate::kernel::money::Currency;

/// How many groups are told apart; what comes after them is one sum.
pub const MOST_GROUPS: i64 = 500;

/// The orders of the period; what comes before and after the columns of every grouping.
macro_rules! sold {
    ($key:literal, $label:literal) => {
        concat!(
            "WITH sold AS MATERIALIZED (
                 SELECT o.id, ",
            $key,
            " AS key, ",
            $label,
            " AS label, o.total + o.discount_total AS gross, o.discount_total AS discounts, o.tax,
                     EXISTS (SELECT 1 FROM order_lines l
                         WHERE l.checkout_id = o.checkout_id AND l.order_id = o.id AND l.role <> 'main') AS added
                 FROM orders o
                 WHERE o.checkout_id = $1 AND o.test_mode = $2 AND o.currency = $3 AND o.paid_at IS NOT NULL
                     AND o.paid_at >= $4 AND o.paid_at < $5
             ), "
        )
    };
}

/// Of refunds, those of the period that count; money that belonged to no order is in no report.
macro_rules! gone_back {
    () => {
        " WHERE r.checkout_id = $1 AND r.test_mode = $2 AND r.currency = $3 AND r.effective_at IS NOT NULL
              AND r.effective_at >= $4 AND r.effective_at < $5 AND r.kind <> 'unallocated'"
    };
}

/// Puts the parts together, largest group first; the last row holds all that there is no room for.
macro_rules! put_together {
    ($label:literal) => {
        concat!(
            ", groups AS (
                 SELECT key, ",
            $label,
            " AS label, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(tax)::bigint AS tax,
                     sum(refunds)::bigint AS refunds, sum(refunded_tax)::bigint AS refunded_tax, sum(orders)::bigint AS orders,
                     sum(added)::bigint AS added,
                     row_number() OVER (ORDER BY sum(gross) DESC, sum(refunds) DESC, key) AS place
                 FROM parts GROUP BY key
             )
             SELECT max(CASE WHEN place <= $6 THEN key END) AS key, max(CASE WHEN place <= $6 THEN label END) AS label,
                 least(place, $6 + 1) AS place, count(*) AS groups, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts,
                 sum(tax)::bigint AS tax, sum(refunds)::bigint AS refunds, sum(refunded_tax)::bigint AS refunded_tax,
                 sum(orders)::bigint AS orders, sum(added)::bigint AS with_add_on,
                 (SELECT count(*) FROM sold) AS all_orders, (SELECT count(*) FROM sold WHERE added) AS all_with_add_on
             FROM groups GROUP BY least(place, $6 + 1) ORDER BY place"
        )
    };
}

/// Grouped by something of the order: `$sale` of a sale, `$refund` of a refund of it, and what people call that.
macro_rules! by_order {
    ($sale:literal, $refund:literal, $label:literal) => {
        concat!(
            sold!($sale, $label),
            "parts AS (
                 SELECT key, label, gross, discounts, tax, 0::bigint AS refunds, 0::bigint AS refunded_tax, 1 AS orders, added::int AS added
                 FROM sold
                 UNION ALL
                 SELECT ",
            $refund,
            ", ",
            $label,
            ", 0, 0, 0, r.amount, r.tax_amount, 0, 0
                 FROM refunds r JOIN orders o ON o.checkout_id = r.checkout_id AND o.id = r.order_id",
            gone_back!(),
            ")",
            put_together!("max(label)")
        )
    };
    ($key:literal, $label:literal) => {
        by_order!($key, $key, $label)
    };
}

/// Grouped by the product of the lines: an order of two products is one order in each.
const BY_PRODUCT: &str = concat!(
    sold!("NULL::text", "NULL::text"),
    "parts AS (
         SELECT l.product_id::text AS key, sum(l.total + l.discount) AS gross, sum(l.discount) AS discounts, sum(l.tax) AS tax,
             0::bigint AS refunds, 0::bigint AS refunded_tax, 1 AS orders, bool_or(s.added)::int AS added
         FROM sold s JOIN order_lines l ON l.checkout_id = $1 AND l.order_id = s.id
         GROUP BY l.product_id, s.id
         UNION ALL
         SELECT b.product_id::text, 0, 0, 0, b.amount, b.tax_amount, 0, 0
         FROM refunds r CROSS JOIN LATERAL (
             SELECT l.product_id, p.amount, p.tax_amount
             FROM refund_lines p JOIN order_lines l ON l.checkout_id = p.checkout_id AND l.id = p.order_line_id
             WHERE p.checkout_id = r.checkout_id AND p.refund_id = r.id OFFSET 0) b",
    gone_back!(),
    ")",
    put_together!("(SELECT p.name FROM products p WHERE p.checkout_id = $1 AND p.id = parts.key::uuid)")
);

const fn text(group_by: GroupBy) -> &'static str {
    match group_by {
        GroupBy::Day => by_order!(
            "to_char(o.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
            "to_char(r.effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
            "NULL::text"
        ),
        GroupBy::Source => by_order!("o.source", "NULL::text"),
        GroupBy::Link => by_order!("o.link_id::text", "o.link_slug"),
        GroupBy::Product => BY_PRODUCT,
        GroupBy::DiscountCode => by_order!("o.discount_code_id::text", "o.discount_code"),
        GroupBy::Country => by_order!("o.country", "NULL::text"),
    }
}

/// The groups of a report, the largest first.
pub async fn groups(
    conn: &Conn,
    checkout: CheckoutId,
    period: &Period,
    currency: Currency,
) -> Result<Vec<Group>, DbError> {
    sql(text(period.group_by))
        .bind(checkout)
        .bind(period.test_mode)
        .bind(currency)
        .bind(period.from)
        .bind(period.to)
        .bind(MOST_GROUPS)
        .rows(conn)
        .await
}
