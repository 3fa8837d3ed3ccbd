//! Every query on customers. Plans are made once for all values, so the filter that an index serves stands in the text.

use std::collections::HashMap;

use super::model::{Bought, Customer, Filter, Known, Unsettled, Visit};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, CustomerId, LinkId, OrderId, SessionId};
use crate::kernel::page::{Page, PageRequest};
use crate::orders::model::{Order, OrderStatus};

/// A statement that reads whole customers: what comes after `FROM customers c`.
macro_rules! customers {
    ($($rest:tt)+) => {
        concat!(
            "SELECT c.id, c.email, c.email_folded, c.first_name, c.last_name, c.country, c.test_mode, c.created_at, c.updated_at, c.erased_at
             FROM customers c ",
            $($rest)+
        )
    };
}

/// The statement for one leading filter: how the customers are reached, and what the index serves.
macro_rules! page_by {
    ($reached:literal, $leading:literal) => {
        customers!(
            $reached,
            " WHERE c.checkout_id = $1 AND c.test_mode = $2 AND c.id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                  AND ($4::text IS NULL OR c.email_folded = $4) AND ($5::text IS NULL OR kassa_fold(c.first_name) = kassa_fold($5))
                  AND ($6::text IS NULL OR kassa_fold(c.last_name) = kassa_fold($6))
                  AND ($7::text IS NULL OR kassa_fold(c.first_name) = kassa_fold($7) OR kassa_fold(c.last_name) = kassa_fold($7))",
            $leading,
            " ORDER BY c.id DESC LIMIT $8"
        )
    };
}

const BY_ANY_NAME: &str = page_by!(
    "JOIN (SELECT f.id AS listed FROM customers f
             WHERE f.checkout_id = $1 AND f.test_mode = $2 AND kassa_fold(f.first_name) = kassa_fold($7)
         UNION SELECT l.id FROM customers l
             WHERE l.checkout_id = $1 AND l.test_mode = $2 AND kassa_fold(l.last_name) = kassa_fold($7)) t
         ON t.listed = c.id",
    ""
);

const fn text(filter: &Filter) -> &'static str {
    match filter {
        Filter { email: Some(_), .. } => page_by!("", " AND c.email_folded = $4"),
        Filter { last_name: Some(_), .. } => page_by!("", " AND kassa_fold(c.last_name) = kassa_fold($6)"),
        Filter { any_name: Some(_), .. } => BY_ANY_NAME,
        _ => page_by!("", ""),
    }
}

/// A page of customers, newest first, with what they bought.
pub async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Known>, DbError> {
    let rows: Vec<Customer> = sql(text(filter))
        .bind(checkout)
        .bind(filter.test_mode)
        .bind(page.after)
        .bind(filter.email.as_deref())
        .bind(filter.first_name.as_deref())
        .bind(filter.last_name.as_deref())
        .bind(filter.any_name.as_deref())
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    let page = Page::cut(rows, page, |row: &Customer| row.id.uuid());
    let ids: Vec<CustomerId> = page.rows.iter().map(|row| row.id).collect();
    let mut of: HashMap<CustomerId, Vec<Bought>> = HashMap::new();
    for row in bought(conn, checkout, &ids).await? {
        of.entry(row.customer_id).or_default().push(row);
    }
    Ok(page.map(|customer| Known {
        bought: of.remove(&customer.id).unwrap_or_default(),
        customer,
    }))
}

/// One customer, with what they bought.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: CustomerId) -> Result<Option<Known>, DbError> {
    let row: Option<Customer> = sql(customers!("WHERE c.checkout_id = $1 AND c.id = $2"))
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await?;
    let Some(customer) = row else {
        return Ok(None);
    };
    let bought = bought(conn, checkout, &[id]).await?;
    Ok(Some(Known { customer, bought }))
}

async fn bought(conn: &Conn, checkout: CheckoutId, customers: &[CustomerId]) -> Result<Vec<Bought>, DbError> {
    sql(
        "SELECT customer_id, currency, count(*) AS orders, count(*) FILTER (WHERE paid_at IS NOT NULL) AS paid_orders,
             coalesce(sum(total - refunded_amount - (SELECT coalesce(sum(l.unpaid_amount), 0) FROM order_lines l
                 WHERE l.checkout_id = orders.checkout_id AND l.order_id = orders.id)) FILTER (WHERE paid_at IS NOT NULL), 0)::bigint AS spent,
             min(created_at) AS first_at, max(created_at) AS last_at
         FROM orders WHERE checkout_id = $1 AND customer_id = ANY($2) AND status <> 'deleted'
         GROUP BY customer_id, currency ORDER BY customer_id, currency",
    )
    .bind(checkout)
    .bind(customers)
    .rows(conn)
    .await
}

/// Locks every visit of a customer: those of their orders, of orders that were theirs before, and those that gave their address.
pub(super) async fn lock_visits(tx: &Tx, checkout: CheckoutId, customer: &Customer) -> Result<Vec<Visit>, DbError> {
    sql(
        "SELECT id, order_id FROM checkout_sessions WHERE checkout_id = $1 AND id IN (
             SELECT o.session_id FROM orders o WHERE o.checkout_id = $1 AND o.customer_id = $2
             UNION SELECT o.session_id FROM order_revisions r JOIN orders o ON o.checkout_id = r.checkout_id AND o.id = r.order_id
                 WHERE r.checkout_id = $1 AND r.order_row ->> 'customer_id' = $3
             UNION SELECT s.id FROM checkout_sessions s
                 WHERE s.checkout_id = $1 AND s.email IS NOT NULL AND kassa_fold(s.email) = kassa_fold($4) AND s.test_mode = $5)
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(checkout)
    .bind(customer.id)
    .bind(customer.id.uuid().to_string())
    .bind(customer.email_folded.as_deref())
    .bind(customer.test_mode)
    .rows(tx.conn())
    .await
}

/// An order of a customer, locked.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::orders)]
pub(super) struct Locked {
    /// The order.
    pub id: OrderId,
    /// Whose it is now.
    pub customer_id: CustomerId,
    /// Where it stands.
    pub status: OrderStatus,
}

/// Locks the orders of visits.
pub(super) async fn lock_orders(tx: &Tx, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<Locked>, DbError> {
    sql("SELECT id, customer_id, status FROM orders WHERE checkout_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(orders)
        .rows(tx.conn())
        .await
}

/// Locks a customer: no order of theirs is made meanwhile.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: CustomerId) -> Result<(), DbError> {
    sql("SELECT 1 FROM customers WHERE checkout_id = $1 AND id = $2 FOR UPDATE")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Whether an order became a customer's before they were locked and after their visits were.
pub(super) async fn came_between(
    tx: &Tx,
    checkout: CheckoutId,
    id: CustomerId,
    known: &[OrderId],
) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM orders WHERE checkout_id = $1 AND customer_id = $2 AND id <> ALL($3) LIMIT 1")
        .bind(checkout)
        .bind(id)
        .bind(known)
        .execute(tx.conn())
        .await?;
    Ok(found > 0)
}

/// Why a customer cannot be forgotten yet: money that is on its way to or from them, and what is still done for them. An order that
/// nobody pays is nothing to wait for when it is the customer's own.
pub(super) async fn unsettled(
    tx: &Tx,
    checkout: CheckoutId,
    id: CustomerId,
    orders: &[OrderId],
) -> Result<Vec<Unsettled>, DbError> {
    sql("SELECT * FROM (
             SELECT o.id, o.number, CASE
                 WHEN o.status = 'not_paid' AND (o.customer_id <> $1 OR EXISTS (SELECT 1 FROM payments p
                     WHERE p.checkout_id = $2 AND p.order_id = o.id AND p.status IN ('created', 'pending'))) THEN 'payment_open'
                 WHEN EXISTS (SELECT 1 FROM payments p WHERE p.checkout_id = $2 AND p.order_id = o.id AND p.status = 'succeeded'
                     AND coalesce(p.received_amount, 0) - p.allocated_amount - p.refunded_unallocated > 0) THEN 'money_unallocated'
                 WHEN EXISTS (SELECT 1 FROM refunds r WHERE r.checkout_id = $2 AND r.order_id = o.id AND r.status IN ('pending', 'unknown'))
                     THEN 'refund_open'
                 WHEN EXISTS (SELECT 1 FROM order_attention a WHERE a.checkout_id = $2 AND a.order_id = o.id AND a.code = 'dispute'
                     AND a.acknowledged_at IS NULL) THEN 'dispute_open'
                 WHEN o.status = 'paid' OR EXISTS (SELECT 1 FROM action_runs x
                     WHERE x.checkout_id = $2 AND x.order_id = o.id AND x.status IN ('queued', 'running'))
                     THEN 'actions_not_done'
             END AS reason
             FROM orders o WHERE o.checkout_id = $2 AND o.id = ANY($3) AND o.status <> 'deleted'
         ) why WHERE reason IS NOT NULL ORDER BY number LIMIT 100")
    .bind(id)
    .bind(checkout)
    .bind(orders)
    .rows(tx.conn())
    .await
}

/// The orders of these that still say something of their buyer; each is a version further from now on.
pub(super) async fn change(tx: &Tx, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<OrderId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::orders)]
    struct Row {
        id: OrderId,
    }
    let rows: Vec<Row> = sql("UPDATE orders SET version = version + 1, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = ANY($3) AND (coalesce(email, first_name, last_name, note) IS NOT NULL OR contact <> '{}'
             OR custom <> '{}' OR metadata <> '{}')
         RETURNING id")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(orders)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Nobody waits any more for keys or for a delivery by hand that would name the buyer; returns the orders of which somebody did.
pub(super) async fn cancel_waiting(tx: &Tx, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<OrderId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::action_runs)]
    struct Row {
        order_id: OrderId,
    }
    let rows: Vec<Row> = sql(
        "UPDATE action_runs SET status = 'cancelled', waiting_for = NULL, finished_at = kassa_now($1), updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND order_id = ANY($3) AND status = 'waiting' RETURNING order_id",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(orders)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.order_id).collect())
}

/// Ends visits that have no order: nobody goes on with what says nothing of anybody.
pub(super) async fn end_visits(tx: &Tx, checkout: CheckoutId, visits: &[SessionId]) -> Result<(), DbError> {
    sql("UPDATE checkout_sessions SET status = 'expired' WHERE checkout_id = $1 AND id = ANY($2) AND status = 'open' AND order_id IS NULL")
        .bind(checkout)
        .bind(visits)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// One order as it is now, locked before.
pub(super) async fn order(tx: &Tx, checkout: CheckoutId, id: OrderId) -> Result<Order, DbError> {
    crate::orders::store::find(tx.conn(), checkout, id)
        .await?
        .ok_or(DbError::Stale)
}

/// Takes a buyer off the links that were made for them, and returns those. Read before the customer's own row is cleared.
pub(super) async fn clear_links(tx: &Tx, checkout: CheckoutId, id: CustomerId) -> Result<Vec<LinkId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkout_links)]
    struct Row {
        id: LinkId,
    }
    let rows: Vec<Row> = sql("UPDATE checkout_links l SET updated_at = kassa_now($1),
             checkout_data = l.checkout_data - '{email,name,billing_address,tax_number,custom,locked}'::text[]
         FROM customers c WHERE c.checkout_id = $2 AND c.id = $3 AND l.checkout_id = $2 AND l.checkout_data ? 'email'
             AND kassa_fold(l.checkout_data->>'email') = kassa_fold(c.email_folded)
         RETURNING l.id")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(id)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
