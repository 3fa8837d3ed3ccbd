//! Every query of deletion.

use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, CustomerId, OrderId, SessionId};
use crate::kernel::text::Name;
use crate::orders::model::{DeletionReason, Order};

/// Locks the session of an order.
pub(super) async fn lock_session(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
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
             email = NULL, first_name = NULL, last_name = NULL, contact = '{}', custom = '{}',
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
             'contact', '{}'::jsonb, 'custom', '{}'::jsonb, 'vat_number', NULL, 'vat_number_status', NULL,
             'vat_consultation_id', NULL, 'vat_checked_at', NULL)
         WHERE checkout_id = $1 AND order_id = $2")
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Locks a buyer, so that no order of theirs is made meanwhile.
pub(super) async fn lock_customer(tx: &Tx, checkout: CheckoutId, customer: CustomerId) -> Result<(), DbError> {
    sql("SELECT 1 FROM customers WHERE checkout_id = $1 AND id = $2 FOR UPDATE")
        .bind(checkout)
        .bind(customer)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Takes off the name and the address of a buyer of whom only deleted orders are left.
pub(super) async fn erase_customer(tx: &Tx, checkout: CheckoutId, customer: CustomerId) -> Result<(), DbError> {
    sql("UPDATE customers SET email = NULL, email_folded = NULL, first_name = NULL, last_name = NULL, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3 AND NOT EXISTS (
             SELECT 1 FROM orders o WHERE o.checkout_id = $2 AND o.customer_id = $3 AND o.status <> 'deleted')")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(customer)
    .execute(tx.conn())
    .await
    .map(drop)
}
