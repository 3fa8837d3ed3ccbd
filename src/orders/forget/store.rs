//! Every statement that takes the buyer off.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, SessionId};
use crate::kernel::text::Label;

/// Whether a VAT number stays that an invoice has to bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxEvidence {
    /// Of orders without tax because the buyer owes it: the seller has to show whose number it was, and that it was valid.
    Keep,
    /// Nothing was sold.
    Drop,
}

/// Takes off what orders say of their buyer. The country stays: the taxes follow from it.
pub async fn clear_orders(
    tx: &Tx,
    checkout: CheckoutId,
    orders: &[OrderId],
    evidence: TaxEvidence,
) -> Result<(), DbError> {
    sql(
        "UPDATE orders o SET email = NULL, first_name = NULL, last_name = NULL, contact = '{}', custom = '{}', metadata = '{}', note = NULL,
             vat_number = CASE WHEN k.kept THEN o.vat_number END, vat_number_status = CASE WHEN k.kept THEN o.vat_number_status END,
             vat_consultation_id = CASE WHEN k.kept THEN o.vat_consultation_id END,
             vat_checked_at = CASE WHEN k.kept THEN o.vat_checked_at END
         FROM (SELECT w.id, $1 AND EXISTS (SELECT 1 FROM order_lines l
                   WHERE l.checkout_id = $2 AND l.order_id = w.id AND l.tax_reason = 'reverse_charge') AS kept
               FROM unnest($3::uuid[]) w(id)) k
         WHERE o.checkout_id = $2 AND o.id = k.id",
    )
    .bind(evidence == TaxEvidence::Keep)
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes off what older revisions of orders say of their buyers.
pub async fn clear_revisions(tx: &Tx, checkout: CheckoutId, orders: &[OrderId]) -> Result<(), DbError> {
    sql("UPDATE order_revisions SET order_row = order_row || jsonb_build_object('email', NULL, 'first_name', NULL, 'last_name', NULL,
             'contact', '{}'::jsonb, 'custom', '{}'::jsonb, 'metadata', '{}'::jsonb, 'note', NULL,
             'vat_number', NULL, 'vat_number_status', NULL,
             'vat_consultation_id', NULL, 'vat_checked_at', NULL)
         WHERE checkout_id = $1 AND order_id = ANY($2)")
    .bind(checkout)
    .bind(orders)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes off what sessions say of their buyer.
pub async fn clear_sessions(tx: &Tx, checkout: CheckoutId, sessions: &[SessionId]) -> Result<(), DbError> {
    sql(
        "UPDATE checkout_sessions SET email = NULL, first_name = NULL, last_name = NULL, postal_code = NULL, vat_number = NULL,
             contact = '{}', custom = '{}', metadata = '{}', messages = '[]', return_url = NULL, cancel_url = NULL, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = ANY($3)",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(sessions)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes off the names and the addresses of buyers. Who comes again with the same address is somebody new.
pub async fn clear_customers(tx: &Tx, checkout: CheckoutId, customers: &[CustomerId]) -> Result<(), DbError> {
    sql(
        "UPDATE customers SET email = NULL, email_folded = NULL, first_name = NULL, last_name = NULL,
             erased_at = coalesce(erased_at, kassa_now($1)), updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = ANY($3)",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(customers)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The VAT numbers of orders, their revisions, and sessions.
pub async fn vat_numbers(
    tx: &Tx,
    checkout: CheckoutId,
    orders: &[OrderId],
    sessions: &[SessionId],
) -> Result<Vec<Label>, DbError> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        vat_number: Label,
    }
    let rows: Vec<Row> = sql("SELECT vat_number FROM (
             SELECT o.vat_number FROM orders o WHERE o.checkout_id = $1 AND o.id = ANY($2)
             UNION SELECT r.order_row ->> 'vat_number' FROM order_revisions r WHERE r.checkout_id = $1 AND r.order_id = ANY($2)
             UNION SELECT s.vat_number FROM checkout_sessions s WHERE s.checkout_id = $1 AND s.id = ANY($3)
         ) n WHERE vat_number IS NOT NULL")
    .bind(checkout)
    .bind(orders)
    .bind(sessions)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.vat_number).collect())
}
