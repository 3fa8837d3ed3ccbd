//! Every query on orders, lines and customers.

use futures_util::future::try_join_all;
use futures_util::try_join;

use super::model::{Attention, FulfillmentStatus, Order, OrderDetail, OrderLine, OrderPaymentStatus, OrderStatus};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, PaymentId};
use crate::{actions, licenses, payments};

/// A statement that reads whole orders: what comes before the `SELECT`, and what after `FROM orders`.
macro_rules! orders {
    ($before:literal, $($rest:tt)+) => {
        concat!(
            $before,
            "SELECT id, number, session_id, status, payment_status, fulfillment_status, revision, version, currency,
                 subtotal, discount_total, tax, total, refunded_amount, prices_include_tax, offer_id, offer_title,
                 success_url, link_id, link_slug, source, tags, customer_id, email, first_name, last_name, country,
                 contact, locale, consents, discount_code_id, discount_code, discount_over_limit, metadata, custom,
                 vat_number, vat_number_status, vat_consultation_id, vat_checked_at, test_mode, created_at,
                 updated_at, paid_at, completed_at, deleted_at, deletion_reason, deletion_note, requires_attention, note,
                 receipt_year, receipt_number, currency_rate, currency_rate_on, currency_rate_stale, total_usd,
                 external_id
             FROM orders ",
            $($rest)+
        )
    };
}

pub(in crate::orders) use orders;

/// One order.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: OrderId) -> Result<Option<Order>, DbError> {
    sql(orders!("", "WHERE checkout_id = $1 AND id = $2"))
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// What few orders have.
#[derive(diesel::QueryableByName)]
struct Extras {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    attention: bool,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    refunds: bool,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    licenses: bool,
}

async fn extras(conn: &Conn, checkout: CheckoutId, id: OrderId) -> Result<Extras, DbError> {
    let row = sql(
        "SELECT EXISTS (SELECT 1 FROM order_attention WHERE checkout_id = $1 AND order_id = $2) AS attention,
                EXISTS (SELECT 1 FROM refunds WHERE checkout_id = $1 AND order_id = $2) AS refunds,
                EXISTS (SELECT 1 FROM licenses WHERE checkout_id = $1 AND order_id = $2) AS licenses",
    )
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await?;
    row.ok_or(DbError::Stale)
}

/// A list that is read where there is anything to read.
async fn read_if<T>(there: bool, list: impl Future<Output = Result<Vec<T>, DbError>>) -> Result<Vec<T>, DbError> {
    if there { list.await } else { Ok(Vec::new()) }
}

/// One order with all that belongs to it: one round trip, and another for what few orders have.
pub async fn detail(conn: &Conn, checkout: CheckoutId, id: OrderId) -> Result<Option<OrderDetail>, DbError> {
    let (order, lines, payments, actions, extras) = try_join!(
        find(conn, checkout, id),
        lines(conn, checkout, id),
        payments::store::of_order(conn, checkout, id),
        actions::store::of_order(conn, checkout, id),
        extras(conn, checkout, id),
    )?;
    let (attention, refunds, licenses) = try_join!(
        read_if(extras.attention, attention(conn, checkout, id)),
        read_if(extras.refunds, payments::refunds::store::of_order(conn, checkout, id)),
        read_if(extras.licenses, licenses::store::of_order(conn, checkout, id)),
    )?;
    Ok(order.map(|order| OrderDetail {
        order,
        lines,
        payments,
        actions,
        attention,
        refunds,
        licenses,
    }))
}

async fn lines(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<OrderLine>, DbError> {
    sql("SELECT id, role, product_id, variant_id, name, quantity, unit_amount, original_unit_amount, subtotal, discount, tax_rate,
                tax_country, tax_reason, tax, total, fulfillment_status, refunded_amount, held_amount, unpaid_amount, returned_at, offer_id,
                link_id, source, tags
         FROM order_lines WHERE checkout_id = $1 AND order_id = $2 ORDER BY position")
        .bind(checkout)
        .bind(order)
        .rows(conn)
        .await
}

/// Locks an order for a change and reads it. A lock that had to wait returns the row as its last writer left it; that holds
/// for the locked row alone, so everything else of the order is read by later statements.
pub async fn lock(tx: &Tx, checkout: CheckoutId, id: OrderId) -> Result<Option<Order>, DbError> {
    sql(orders!("", "WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE"))
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// The same for the order of a payment attempt (an attempt never changes its order).
pub(super) async fn lock_of_payment(
    tx: &Tx,
    checkout: CheckoutId,
    payment: PaymentId,
) -> Result<Option<Order>, DbError> {
    sql(orders!(
        "WITH locked AS MATERIALIZED (
             SELECT 1 FROM checkout_sessions s
             WHERE s.checkout_id = $1 AND s.id = (SELECT o.session_id FROM orders o WHERE o.checkout_id = $1
                 AND o.id = (SELECT p.order_id FROM payments p WHERE p.checkout_id = $1 AND p.id = $2))
             FOR NO KEY UPDATE
         )
         ",
        "WHERE checkout_id = $1 AND id = (SELECT order_id FROM payments WHERE checkout_id = $1 AND id = $2)
             -- The session comes before the order in the order of locks; it never changes its order.
             AND EXISTS (SELECT 1 FROM locked)
         FOR NO KEY UPDATE"
    ))
    .bind(checkout)
    .bind(payment)
    .row(tx.conn())
    .await
}

/// The buyer of this address, made or brought up to date.
pub(super) async fn upsert_customer(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<CustomerId, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::customers)]
    struct Found {
        id: CustomerId,
    }
    let folded = order.email.as_ref().map(crate::kernel::text::Email::folded);
    let row: Option<Found> = sql("INSERT INTO customers (checkout_id, id, email, email_folded, test_mode, first_name, last_name, country, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kassa_now($9), kassa_now($9))
         ON CONFLICT ON CONSTRAINT customers_email_unique DO UPDATE SET
             first_name = coalesce(excluded.first_name, customers.first_name),
             last_name = coalesce(excluded.last_name, customers.last_name),
             country = excluded.country, updated_at = excluded.updated_at
         RETURNING id")
        .bind(checkout)
        .bind(CustomerId::generate(tx.clock()))
        .bind(&order.email)
        .bind(folded.as_deref())
        .bind(order.test_mode)
        .bind(&order.first_name)
        .bind(&order.last_name)
        .bind(order.country)
        .bind(tx.offset_ms())
        .row(tx.conn())
        .await?;
    row.map(|row| row.id).ok_or(DbError::Stale)
}

/// What the database gives a new order.
#[derive(diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::orders)]
pub(super) struct Inserted {
    /// The next number of the checkout's series.
    pub number: i64,
    /// The transaction's time.
    pub created_at: Instant,
}

/// Writes a new order under the next number of its series. The counter's row stays locked until the commit, and every other
/// order of the checkout waits for it: one statement draws and writes, and it is called as late as can be.
pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<Inserted, DbError> {
    let row: Option<Inserted> = sql("WITH drawn AS (
             INSERT INTO order_counters (checkout_id, test_mode, last_number) VALUES ($1, $2, 1001)
             ON CONFLICT (checkout_id, test_mode) DO UPDATE SET last_number = order_counters.last_number + 1
             RETURNING last_number
         )
         INSERT INTO orders (checkout_id, test_mode, number, id, session_id, status, payment_status, fulfillment_status, currency,
             subtotal, discount_total, tax, total, prices_include_tax, offer_id, offer_title, success_url, link_id, link_slug,
             source, tags, customer_id, email, first_name, last_name, country, contact, locale, consents, discount_code_id,
             discount_code, metadata, custom, vat_number, vat_number_status, vat_consultation_id, vat_checked_at, currency_rate,
             currency_rate_on, currency_rate_stale, total_usd, external_id, created_at, updated_at)
         VALUES ($1, $2, (SELECT last_number FROM drawn), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
             $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41,
             kassa_now($42), kassa_now($42))
         RETURNING number, created_at")
        .bind(checkout)
        .bind(order.test_mode)
        .bind(order.id)
        .bind(order.session_id)
        .bind(order.status)
        .bind(order.payment_status)
        .bind(order.fulfillment_status)
        .bind(order.currency)
        .bind(order.subtotal)
        .bind(order.discount_total)
        .bind(order.tax)
        .bind(order.total)
        .bind(order.prices_include_tax)
        .bind(order.offer_id)
        .bind(&order.offer_title)
        .bind(order.success_url.as_deref())
        .bind(order.link_id)
        .bind(&order.link_slug)
        .bind(&order.source)
        .bind(&order.tags)
        .bind(order.customer_id)
        .bind(&order.email)
        .bind(&order.first_name)
        .bind(&order.last_name)
        .bind(order.country)
        .bind(&order.contact)
        .bind(&order.locale)
        .bind(&order.consents)
        .bind(order.discount_code_id)
        .bind(&order.discount_code)
        .bind(&order.metadata)
        .bind(&order.custom)
        .bind(&order.vat_number)
        .bind(order.vat_number_status)
        .bind(order.vat_consultation_id.as_deref())
        .bind(order.vat_checked_at)
        .bind(order.currency_rate)
        .bind(order.currency_rate_on)
        .bind(order.currency_rate_stale)
        .bind(order.total_usd)
        .bind(&order.external_id)
        .bind(tx.offset_ms())
        .row(tx.conn())
        .await?;
    row.ok_or(DbError::Stale)
}

/// Writes the lines of an order, and the tags by which it is found.
pub(super) async fn insert_lines(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    lines: &[OrderLine],
) -> Result<(), DbError> {
    let tagged = async {
        if order.tags.is_empty() {
            return Ok(0);
        }
        sql("INSERT INTO order_tags (checkout_id, test_mode, tag, order_id) SELECT DISTINCT $1::uuid, $2, t.tag, $3::uuid
             FROM unnest($4::text[]) t(tag) ON CONFLICT DO NOTHING")
        .bind(checkout)
        .bind(order.test_mode)
        .bind(order.id)
        .bind(&order.tags)
        .execute(tx.conn())
        .await
    };
    let written = (0_i32..).zip(lines).map(|(position, line)| {
        sql("INSERT INTO order_lines (checkout_id, id, order_id, position, role, product_id, variant_id, name, quantity, unit_amount,
                 original_unit_amount, subtotal, discount, tax_rate, tax_country, tax_reason, tax, total, fulfillment_status, offer_id,
                 link_id, source, tags, test_mode)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)")
            .bind(checkout)
            .bind(line.id)
            .bind(order.id)
            .bind(position)
            .bind(line.role)
            .bind(line.product_id)
            .bind(line.variant_id)
            .bind(&line.name)
            .bind(line.quantity)
            .bind(line.unit_amount)
            .bind(line.original_unit_amount)
            .bind(line.subtotal)
            .bind(line.discount)
            .bind(line.tax_rate)
            .bind(line.tax_country)
            .bind(line.tax_reason)
            .bind(line.tax)
            .bind(line.total)
            .bind(line.fulfillment_status)
            .bind(line.offer_id)
            .bind(line.link_id)
            .bind(&line.source)
            .bind(&line.tags)
            .bind(order.test_mode)
            .execute(tx.conn())
    });
    try_join!(tagged, try_join_all(written)).map(drop)
}

/// Moves an order's status, guarded by the one it was read in; its version goes up by one.
pub(super) async fn advance(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    to: OrderStatus,
    payment_status: OrderPaymentStatus,
    fulfillment_status: FulfillmentStatus,
) -> Result<(), DbError> {
    sql(
        "UPDATE orders SET status = $1, payment_status = $2, fulfillment_status = $3, version = version + 1,
             updated_at = kassa_now($4),
             paid_at = CASE WHEN $1 = 'paid' THEN coalesce(paid_at, kassa_now($4)) ELSE paid_at END,
             completed_at = CASE WHEN $1 = 'completed' THEN coalesce(completed_at, kassa_now($4)) ELSE completed_at END
         WHERE checkout_id = $5 AND id = $6 AND status = $7 AND version = $8",
    )
    .bind(to)
    .bind(payment_status)
    .bind(fulfillment_status)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.id)
    .bind(order.status)
    .bind(order.version)
    .exactly_one(tx.conn())
    .await
}

/// Marks the session of a paid order as completed; returns whether it has a code, which may be another than the order's.
pub(super) async fn complete_session(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<bool, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkout_sessions)]
    struct Row {
        discount_code: Option<crate::kernel::code_text::CodeText>,
    }
    let row: Option<Row> = sql(
        "UPDATE checkout_sessions SET status = 'completed', updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3 AND status IN ('open', 'confirmed') RETURNING discount_code",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.session_id)
    .row(tx.conn())
    .await?;
    Ok(row.is_some_and(|row| row.discount_code.is_some()))
}

/// What a person should look at in an order.
async fn attention(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<Attention>, DbError> {
    sql("SELECT code, since, acknowledged_at, note FROM order_attention WHERE checkout_id = $1 AND order_id = $2 ORDER BY since, code")
        .bind(checkout)
        .bind(order)
        .rows(conn)
        .await
}

/// Marks a redemption that passed the limit.
pub(super) async fn set_over_limit(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("UPDATE orders SET discount_over_limit = true WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(order)
        .exactly_one(tx.conn())
        .await
}
