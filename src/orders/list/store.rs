//! Every query of a list of orders.
//!
//! Plans are made once for all values, so the filter that an index serves must stand in the text; the others only thin out what that
//! index finds. Every index ends with the order's id: a page is read in the order of the list, from where the last one ended.

use std::collections::HashMap;

use futures_util::try_join;
use uuid::Uuid;

use super::model::{Filter, Listed, ListedLine, ListedPayment};
use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::page::{Page, PageRequest};
use crate::orders::model::Order;
use crate::orders::store::orders;

/// The statement for one leading filter: how the orders are reached, what the list is ordered by, and what the index serves.
macro_rules! page_by {
    ($reached:literal, $key:literal, $leading:literal) => {
        orders!(
            "",
            concat!(
                $reached,
                " WHERE o.checkout_id = $1 AND o.test_mode = $2 AND ",
                $key,
                " < $3 AND ",
                $key,
                " >= $4
                   AND ($5::bigint IS NULL OR o.number = $5) AND ($6::text IS NULL OR kassa_fold(o.email) = kassa_fold($6))
                   AND ($7::text IS NULL OR kassa_fold(o.first_name) = kassa_fold($7))
                   AND ($8::text IS NULL OR kassa_fold(o.last_name) = kassa_fold($8))
                   AND ($9::text IS NULL OR kassa_fold(o.first_name) = kassa_fold($9) OR kassa_fold(o.last_name) = kassa_fold($9))
                   AND ($10::text IS NULL OR o.status = $10) AND ($11::text IS NULL OR o.payment_status = $11)
                   AND ($12::text IS NULL OR o.fulfillment_status = $12)
                   AND ($13::boolean IS NULL OR o.requires_attention = $13) AND ($14::text IS NULL OR o.source = $14)
                   AND ($15::text IS NULL OR $15 = ANY(o.tags)) AND ($16::text IS NULL OR kassa_fold(o.discount_code) = kassa_fold($16))
                   AND ($17::uuid IS NULL OR EXISTS (SELECT 1 FROM order_lines x
                       WHERE x.checkout_id = o.checkout_id AND x.order_id = o.id AND x.product_id = $17))
                   AND ($18::uuid IS NULL OR o.link_id = $18) AND ($19::text IS NULL OR o.country = $19)
                   AND ($20::text IS NULL OR EXISTS (SELECT 1 FROM payments x
                       WHERE x.checkout_id = o.checkout_id AND x.order_id = o.id AND x.provider = $20))
                   AND ($21::text IS NULL OR o.currency = $21)
                   AND ($22::timestamptz IS NULL OR o.created_at >= $22) AND ($23::timestamptz IS NULL OR o.created_at < $23)
                   AND ($24::timestamptz IS NULL OR o.paid_at >= $24) AND ($25::timestamptz IS NULL OR o.paid_at < $25)
                   AND ($26::uuid IS NULL OR o.customer_id = $26)",
                $leading,
                " ORDER BY ",
                $key,
                " DESC LIMIT $27"
            )
        )
    };
    ($leading:literal) => {
        page_by!("o", "o.id", $leading)
    };
}

const BY_TAG: &str = page_by!(
    "o JOIN (SELECT t.order_id AS listed FROM order_tags t WHERE t.checkout_id = $1 AND t.test_mode = $2 AND t.tag = $15) t
         ON t.listed = o.id",
    "t.listed",
    ""
);
// A product may stand in several lines, and an order be tried to pay several times: the first of them stands for the order.
const BY_PRODUCT: &str = page_by!(
    "o JOIN (SELECT l.order_id AS listed FROM order_lines l
         WHERE l.checkout_id = $1 AND l.test_mode = $2 AND l.product_id = $17 AND NOT EXISTS (
             SELECT 1 FROM order_lines m WHERE m.checkout_id = l.checkout_id AND m.test_mode = l.test_mode
                 AND m.product_id = l.product_id AND m.order_id = l.order_id AND m.position < l.position)) t
         ON t.listed = o.id",
    "t.listed",
    ""
);
const BY_PROVIDER: &str = page_by!(
    "o JOIN (SELECT p.order_id AS listed FROM payments p
         WHERE p.checkout_id = $1 AND p.test_mode = $2 AND p.provider = $20 AND NOT EXISTS (
             SELECT 1 FROM payments q WHERE q.checkout_id = p.checkout_id AND q.test_mode = p.test_mode
                 AND q.provider = p.provider AND q.order_id = p.order_id AND q.id < p.id)) t
         ON t.listed = o.id",
    "t.listed",
    ""
);
const BY_ANY_NAME: &str = page_by!(
    "o JOIN (SELECT f.id AS listed FROM orders f
             WHERE f.checkout_id = $1 AND f.test_mode = $2 AND kassa_fold(f.first_name) = kassa_fold($9)
         UNION ALL SELECT l.id FROM orders l
             WHERE l.checkout_id = $1 AND l.test_mode = $2 AND kassa_fold(l.last_name) = kassa_fold($9)
             AND kassa_fold(l.first_name) IS DISTINCT FROM kassa_fold($9)) t
         ON t.listed = o.id",
    "t.listed",
    ""
);
// A short time of payment is found by itself and then put in order; of a long one the list's own order finds enough at once.
const BY_PAYMENT_TIME: &str = page_by!(
    "o JOIN (SELECT f.id AS listed FROM orders f WHERE f.checkout_id = $1 AND f.test_mode = $2 AND f.paid_at IS NOT NULL
         AND f.paid_at >= $24 AND f.paid_at < $25 OFFSET 0) t
         ON t.listed = o.id",
    "t.listed",
    ""
);
/// What is a short time, in days.
const SHORT_DAYS: i64 = 31;

/// The filter whose index finds the fewest orders, as far as that can be said beforehand.
fn text(filter: &Filter) -> &'static str {
    let short = filter.paid_from.zip(filter.paid_to);
    match filter {
        Filter { number: Some(_), .. } => page_by!(" AND o.number = $5"),
        Filter { email: Some(_), .. } => page_by!(" AND kassa_fold(o.email) = kassa_fold($6)"),
        Filter { customer: Some(_), .. } => page_by!(" AND o.customer_id = $26"),
        Filter { last_name: Some(_), .. } => page_by!(" AND kassa_fold(o.last_name) = kassa_fold($8)"),
        Filter { any_name: Some(_), .. } => BY_ANY_NAME,
        Filter {
            first_name: Some(_), ..
        } => page_by!(" AND kassa_fold(o.first_name) = kassa_fold($7)"),
        Filter {
            requires_attention: Some(true),
            ..
        } => page_by!(" AND o.requires_attention"),
        Filter {
            discount_code: Some(_), ..
        } => page_by!(" AND o.discount_code IS NOT NULL AND kassa_fold(o.discount_code) = kassa_fold($16)"),
        Filter { product: Some(_), .. } => BY_PRODUCT,
        Filter { tag: Some(_), .. } => BY_TAG,
        Filter { link: Some(_), .. } => page_by!(" AND o.link_id = $18"),
        Filter { source: Some(_), .. } => page_by!(" AND o.source = $14"),
        _ if short.is_some_and(|(from, to)| (to - from).num_days() <= SHORT_DAYS) => BY_PAYMENT_TIME,
        Filter { status: Some(_), .. } => page_by!(" AND o.status = $10"),
        Filter {
            payment_status: Some(_),
            ..
        } => page_by!(" AND o.payment_status = $11"),
        Filter {
            fulfillment_status: Some(_),
            ..
        } => page_by!(" AND o.fulfillment_status = $12"),
        Filter { provider: Some(_), .. } => BY_PROVIDER,
        Filter { country: Some(_), .. } => page_by!(" AND o.country = $19"),
        Filter { currency: Some(_), .. } => page_by!(" AND o.currency = $21"),
        _ => page_by!(""),
    }
}

/// Ids begin with the moment they were made at, by the clock of the instance that made them: an hour for clocks that differ.
fn id_at(at: Instant, hours: i64) -> Uuid {
    let moment = at + chrono::TimeDelta::hours(hours);
    let millis = u128::try_from(moment.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// More orders than this, paid in the time asked for, are not put in order: the list's own order finds a page of them at once.
const MANY: i64 = 2000;

/// Whether many orders were paid in the time asked for, where nothing else that is asked for finds fewer.
async fn many_paid(conn: &Conn, checkout: CheckoutId, filter: &Filter) -> Result<bool, DbError> {
    if text(filter) != BY_PAYMENT_TIME {
        return Ok(false);
    }
    let found = sql(
        "SELECT 1 FROM orders f WHERE f.checkout_id = $1 AND f.test_mode = $2 AND f.paid_at IS NOT NULL
         AND f.paid_at >= $3 AND f.paid_at < $4 LIMIT $5",
    )
    .bind(checkout)
    .bind(filter.test_mode)
    .bind(filter.paid_from)
    .bind(filter.paid_to)
    .bind(MANY)
    .execute(conn)
    .await?;
    Ok(i64::try_from(found).is_ok_and(|found| found == MANY))
}

/// The orders of a page. Of many that were paid in a time, those come first that were made in it: they are read in the order of the
/// list, and only when they end are the others looked for, which were made before.
async fn listed(conn: &Conn, checkout: CheckoutId, filter: &Filter, page: &PageRequest) -> Result<Vec<Order>, DbError> {
    let newest = filter.created_to.map_or(Uuid::max(), |at| id_at(at, 1));
    let before = page.after.map_or(newest, |after| after.min(newest));
    let oldest = filter.created_from.map_or(Uuid::nil(), |at| id_at(at, -1));
    if let (Some(from), Some(to)) = (filter.paid_from, filter.paid_to) {
        let (before, oldest) = (before.min(id_at(to, 1)), oldest.max(id_at(from, -1)));
        if oldest < before && many_paid(conn, checkout, filter).await? {
            let rows = rows(conn, page_by!(""), checkout, filter, (before, oldest), page).await?;
            if i64::try_from(rows.len()).is_ok_and(|found| found == page.fetch_limit()) {
                return Ok(rows);
            }
        }
    }
    rows(conn, text(filter), checkout, filter, (before, oldest), page).await
}

/// A page of orders, newest first, each with what its row shows.
pub async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Listed>, DbError> {
    let rows = listed(conn, checkout, filter, page).await?;
    let page = Page::cut(rows, page, |row: &Order| row.id.uuid());
    let ids: Vec<OrderId> = page.rows.iter().map(|row| row.id).collect();
    let (lines, payments) = try_join!(lines(conn, checkout, &ids), payments(conn, checkout, &ids))?;
    let mut of_order: HashMap<OrderId, Vec<ListedLine>> = HashMap::new();
    for line in lines {
        of_order.entry(line.order_id).or_default().push(line);
    }
    let mut paid: HashMap<OrderId, ListedPayment> = payments.into_iter().map(|row| (row.order_id, row)).collect();
    Ok(page.map(|order| Listed {
        lines: of_order.remove(&order.id).unwrap_or_default(),
        payment: paid.remove(&order.id),
        order,
    }))
}

/// The orders that a statement finds, from below one id down to another.
async fn rows(
    conn: &Conn,
    text: &'static str,
    checkout: CheckoutId,
    filter: &Filter,
    (before, oldest): (Uuid, Uuid),
    page: &PageRequest,
) -> Result<Vec<Order>, DbError> {
    sql(text)
        .bind(checkout)
        .bind(filter.test_mode)
        .bind(before)
        .bind(oldest)
        .bind(filter.number)
        .bind(filter.email.as_deref())
        .bind(filter.first_name.as_deref())
        .bind(filter.last_name.as_deref())
        .bind(filter.any_name.as_deref())
        .bind(filter.status.as_deref())
        .bind(filter.payment_status.as_deref())
        .bind(filter.fulfillment_status.as_deref())
        .bind(filter.requires_attention)
        .bind(filter.source.as_deref())
        .bind(filter.tag.as_deref())
        .bind(filter.discount_code.as_deref())
        .bind(filter.product)
        .bind(filter.link)
        .bind(filter.country.as_deref())
        .bind(filter.provider.as_deref())
        .bind(filter.currency.as_deref())
        .bind(filter.created_from)
        .bind(filter.created_to)
        .bind(filter.paid_from)
        .bind(filter.paid_to)
        .bind(filter.customer)
        .bind(page.fetch_limit())
        .rows(conn)
        .await
}

async fn lines(conn: &Conn, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<ListedLine>, DbError> {
    sql("SELECT order_id, id, role, product_id, name, quantity FROM order_lines
         WHERE checkout_id = $1 AND order_id = ANY($2) ORDER BY order_id, position")
    .bind(checkout)
    .bind(orders)
    .rows(conn)
    .await
}

/// Of each order the attempt that succeeded, else the latest.
async fn payments(conn: &Conn, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<ListedPayment>, DbError> {
    sql(
        "SELECT DISTINCT ON (order_id) order_id, id, provider, status FROM payments
         WHERE checkout_id = $1 AND order_id = ANY($2)
         ORDER BY order_id, allocated_amount > 0 DESC, status = 'succeeded' DESC, id DESC",
    )
    .bind(checkout)
    .bind(orders)
    .rows(conn)
    .await
}
