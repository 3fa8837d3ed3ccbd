//! Every query on revisions. Whole rows are kept as the database writes them, so that none of their columns is forgotten.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::orders::model::Order;

/// Keeps the order and its lines as they are now.
pub(in crate::orders) async fn keep(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("INSERT INTO order_revisions (checkout_id, order_id, revision, order_row, line_rows, created_at)
         SELECT o.checkout_id, o.id, o.revision, to_jsonb(o),
             (SELECT jsonb_agg(to_jsonb(l)) FROM order_lines l WHERE l.checkout_id = o.checkout_id AND l.order_id = o.id), kassa_now($1)
         FROM orders o WHERE o.checkout_id = $2 AND o.id = $3
         ON CONFLICT (checkout_id, order_id, revision) DO NOTHING")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes the lines off an unpaid order; [`keep`] has kept them.
pub(in crate::orders) async fn clear_lines(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("DELETE FROM order_lines WHERE checkout_id = $1 AND order_id = $2")
        .bind(checkout)
        .bind(order)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Writes what a new revision says over the order, guarded by the version it was read in.
pub(in crate::orders) async fn update(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    version: i32,
) -> Result<(), DbError> {
    sql("UPDATE orders SET revision = $1, version = $2, payment_status = 'unpaid', currency = $3, subtotal = $4, discount_total = $5,
             tax = $6, total = $7, prices_include_tax = $8, customer_id = $9, email = $10, first_name = $11, last_name = $12,
             country = $13, contact = $14, locale = $15, consents = $16, discount_code_id = $17, discount_code = $18,
             custom = $19, vat_number = $20, vat_number_status = $21, vat_consultation_id = $22, vat_checked_at = $23,
             currency_rate = $24, currency_rate_on = $25, currency_rate_stale = $26, total_usd = $27, updated_at = kassa_now($28)
         WHERE checkout_id = $29 AND id = $30 AND status = 'not_paid' AND version = $31")
        .bind(order.revision)
        .bind(order.version)
        .bind(order.currency)
        .bind(order.subtotal)
        .bind(order.discount_total)
        .bind(order.tax)
        .bind(order.total)
        .bind(order.prices_include_tax)
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
        .bind(&order.custom)
        .bind(&order.vat_number)
        .bind(order.vat_number_status)
        .bind(order.vat_consultation_id.as_deref())
        .bind(order.vat_checked_at)
        .bind(order.currency_rate)
        .bind(order.currency_rate_on)
        .bind(order.currency_rate_stale)
        .bind(order.total_usd)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(order.id)
        .bind(version)
        .exactly_one(tx.conn())
        .await
}

/// Makes the order and its lines what they were in a revision.
pub(in crate::orders) async fn restore(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    revision: i32,
) -> Result<(), DbError> {
    sql("INSERT INTO order_lines SELECT l.* FROM order_revisions r, jsonb_populate_recordset(NULL::order_lines, r.line_rows) l
         WHERE r.checkout_id = $1 AND r.order_id = $2 AND r.revision = $3")
    .bind(checkout)
    .bind(order.id)
    .bind(revision)
    .execute(tx.conn())
    .await?;
    sql("UPDATE orders o SET revision = w.revision, version = o.version + 1, currency = w.currency, subtotal = w.subtotal,
             discount_total = w.discount_total, tax = w.tax, total = w.total, prices_include_tax = w.prices_include_tax,
             customer_id = w.customer_id, email = w.email, first_name = w.first_name, last_name = w.last_name, country = w.country,
             contact = w.contact, locale = w.locale, consents = w.consents, discount_code_id = w.discount_code_id,
             discount_code = w.discount_code, custom = w.custom, vat_number = w.vat_number, vat_number_status = w.vat_number_status,
             vat_consultation_id = w.vat_consultation_id, vat_checked_at = w.vat_checked_at,
             currency_rate = w.currency_rate, currency_rate_on = w.currency_rate_on, currency_rate_stale = w.currency_rate_stale,
             total_usd = w.total_usd, updated_at = kassa_now($1)
         FROM order_revisions r, jsonb_populate_record(NULL::orders, r.order_row) w
         WHERE r.checkout_id = $2 AND r.order_id = $3 AND r.revision = $4 AND o.checkout_id = r.checkout_id AND o.id = r.order_id
             AND o.version = $5")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.id)
    .bind(revision)
    .bind(order.version)
    .exactly_one(tx.conn())
    .await
}
