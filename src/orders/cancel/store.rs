//! Every query of deletion.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, SessionId};
use crate::kernel::text::{Label, Name};
use crate::orders::model::{DeletionReason, Order};

/// Locks the session of an order.
pub(in crate::orders) async fn lock_session(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("SELECT 1 FROM checkout_sessions WHERE checkout_id = $1
             AND id = (SELECT o.session_id FROM orders o WHERE o.checkout_id = $1 AND o.id = $2)
         FOR NO KEY UPDATE")
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Marks an order as deleted and takes off who the buyer was, guarded by the version it was read in. The country stays: the taxes
/// follow from it.
pub(super) async fn delete(
    tx: &Tx,
    checkout: CheckoutId,
    order: &Order,
    reason: DeletionReason,
    note: Option<&Name>,
) -> Result<(), DbError> {
    sql(
        "UPDATE orders SET status = 'deleted', payment_status = 'unpaid', deletion_reason = $1, deletion_note = $2,
             deleted_at = kassa_now($3), updated_at = kassa_now($3), version = version + 1,
             email = NULL, first_name = NULL, last_name = NULL, contact = '{}', custom = '{}', metadata = '{}', note = NULL,
             vat_number = NULL, vat_number_status = NULL, vat_consultation_id = NULL, vat_checked_at = NULL
         WHERE checkout_id = $4 AND id = $5 AND status = 'not_paid' AND version = $6",
    )
    .bind(reason)
    .bind(note)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order.id)
    .bind(order.version)
    .exactly_one(tx.conn())
    .await
}

/// Ends the session of a deleted order: nobody confirms or pays it any more, and it says nothing of its buyer.
pub(super) async fn end_session(tx: &Tx, checkout: CheckoutId, session: SessionId) -> Result<(), DbError> {
    sql("UPDATE checkout_sessions SET status = 'expired', email = NULL, first_name = NULL, last_name = NULL, postal_code = NULL,
             vat_number = NULL, contact = '{}', custom = '{}', messages = '[]', return_url = NULL, cancel_url = NULL,
             updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(session)
        .exactly_one(tx.conn())
        .await
}

/// Takes off what older revisions of an order say of the buyer.
pub(super) async fn erase_revisions(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("UPDATE order_revisions SET order_row = order_row || jsonb_build_object('email', NULL, 'first_name', NULL, 'last_name', NULL,
             'contact', '{}'::jsonb, 'custom', '{}'::jsonb, 'metadata', '{}'::jsonb, 'note', NULL,
             'vat_number', NULL, 'vat_number_status', NULL,
             'vat_consultation_id', NULL, 'vat_checked_at', NULL)
         WHERE checkout_id = $1 AND order_id = $2")
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// A buyer who is forgotten.
#[derive(Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::customers)]
pub(super) struct Gone {
    /// The address they had.
    pub email_folded: Option<String>,
}

/// A buyer of an order, or of what it was before it was confirmed again.
#[derive(Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::customers)]
struct Buyer {
    id: CustomerId,
}

/// Locks the buyers of an order and its revisions, so that no order of theirs is made meanwhile.
pub(super) async fn lock_customers(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<Vec<CustomerId>, DbError> {
    let rows: Vec<Buyer> = sql("SELECT id FROM customers WHERE checkout_id = $1 AND id IN (
             SELECT $2 UNION SELECT (r.order_row ->> 'customer_id')::uuid FROM order_revisions r
             WHERE r.checkout_id = $1 AND r.order_id = $3)
         ORDER BY id FOR UPDATE")
    .bind(checkout)
    .bind(order.customer_id)
    .bind(order.id)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Takes off the name and the address of buyers of whom only deleted orders are left; returns the addresses they had.
pub(super) async fn erase_customers(
    tx: &Tx,
    checkout: CheckoutId,
    customers: Vec<CustomerId>,
) -> Result<Vec<Gone>, DbError> {
    sql("WITH gone AS (
             SELECT c.id, c.email_folded FROM customers c WHERE c.checkout_id = $1 AND c.id = ANY($2) AND NOT EXISTS (
                 SELECT 1 FROM orders o WHERE o.checkout_id = $1 AND o.customer_id = c.id AND o.status <> 'deleted')
         )
         UPDATE customers c SET email = NULL, email_folded = NULL, first_name = NULL, last_name = NULL, updated_at = kassa_now($3)
         FROM gone WHERE c.checkout_id = $1 AND c.id = gone.id RETURNING gone.email_folded")
    .bind(checkout)
    .bind(customers)
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}

/// Takes off what visits that ended without an order say of a buyer who is forgotten. Open ones are somebody who is here now.
pub(super) async fn clear_ended_sessions(tx: &Tx, checkout: CheckoutId, address: &str) -> Result<(), DbError> {
    sql(
        "UPDATE checkout_sessions SET email = NULL, first_name = NULL, last_name = NULL, postal_code = NULL, vat_number = NULL,
             contact = '{}', custom = '{}', messages = '[]'
         WHERE checkout_id = $1 AND lower(email) = $2 AND status = 'expired'",
    )
    .bind(checkout)
    .bind(address)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Whether the order or its session changed within a day, as long as answers to repeated requests are kept.
pub(super) async fn changed_within_a_day(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let found = sql(
        "SELECT 1 FROM orders o JOIN checkout_sessions s ON s.checkout_id = o.checkout_id AND s.id = o.session_id
         WHERE o.checkout_id = $1 AND o.id = $2 AND greatest(o.updated_at, s.updated_at) > kassa_now($3) - interval '25 hours'",
    )
    .bind(checkout)
    .bind(order)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    Ok(found > 0)
}

/// The VAT numbers of an order, its session and its revisions.
pub(super) async fn vat_numbers(tx: &Tx, checkout: CheckoutId, order: &Order) -> Result<Vec<Label>, DbError> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        vat_number: Label,
    }
    let rows: Vec<Row> = sql("SELECT vat_number FROM (
             SELECT o.vat_number FROM orders o WHERE o.checkout_id = $1 AND o.id = $2
             UNION SELECT s.vat_number FROM checkout_sessions s WHERE s.checkout_id = $1 AND s.id = $3
             UNION SELECT r.order_row ->> 'vat_number' FROM order_revisions r WHERE r.checkout_id = $1 AND r.order_id = $2
         ) n WHERE vat_number IS NOT NULL")
    .bind(checkout)
    .bind(order.id)
    .bind(order.session_id)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.vat_number).collect())
}
