//! Every query on payment attempts.

use super::model::{Payment, PaymentStatus};
use super::provider::Outcome;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};

/// The attempts of an order, oldest first.
pub async fn of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<Payment>, DbError> {
    sql("SELECT id, order_id, provider, status, revision, currency, amount, received_amount, allocated_amount, refunded_amount,
                provider_reference, error_code, error_retryable, created_at, updated_at
         FROM payments WHERE checkout_id = $1 AND order_id = $2 ORDER BY id")
        .bind(checkout)
        .bind(order)
        .rows(conn)
        .await
}

/// One attempt.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: PaymentId) -> Result<Option<Payment>, DbError> {
    sql("SELECT id, order_id, provider, status, revision, currency, amount, received_amount, allocated_amount, refunded_amount,
                provider_reference, error_code, error_retryable, created_at, updated_at
         FROM payments WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// Writes a new attempt, its first call to the provider leased to the writer for `lease_ms`.
pub async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    payment: &Payment,
    test_mode: bool,
    lease_ms: i64,
) -> Result<(), DbError> {
    sql(
        "INSERT INTO payments (checkout_id, id, order_id, provider, status, revision, currency, amount, test_mode,
             start_lease_until, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, kassa_now($10 + $11), kassa_now($11), kassa_now($11))",
    )
    .bind(checkout)
    .bind(payment.id)
    .bind(payment.order_id)
    .bind(payment.provider)
    .bind(payment.status)
    .bind(payment.revision)
    .bind(payment.currency)
    .bind(payment.amount)
    .bind(test_mode)
    .bind(lease_ms)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes over the call to the provider when its holder has died; false when someone holds it or it has been made.
pub(super) async fn take_start_lease(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    id: PaymentId,
    lease_ms: i64,
) -> Result<bool, DbError> {
    let taken = sql("UPDATE payments SET start_lease_until = kassa_now($1 + $2)
         WHERE checkout_id = $3 AND id = $4 AND status = 'created' AND start_lease_until < kassa_now($2)")
    .bind(lease_ms)
    .bind(offset_ms)
    .bind(checkout)
    .bind(id)
    .execute(conn)
    .await?;
    Ok(taken == 1)
}

/// Moves an attempt, guarded by the state it was read in. [`DbError::Stale`] when it has moved meanwhile.
pub async fn advance(
    tx: &Tx,
    checkout: CheckoutId,
    payment: &Payment,
    outcome: &Outcome,
    allocated: i64,
) -> Result<(), DbError> {
    let (to, received, code, retryable) = match outcome {
        Outcome::Pending => (PaymentStatus::Pending, None, None, None),
        Outcome::Cancelled => (PaymentStatus::Cancelled, None, None, None),
        Outcome::Expired => (PaymentStatus::Expired, None, None, None),
        Outcome::Succeeded { received, .. } => (PaymentStatus::Succeeded, Some(*received), None, None),
        Outcome::Failed { code, retryable } => (PaymentStatus::Failed, None, Some(code.as_str()), Some(*retryable)),
    };
    sql("UPDATE payments SET status = $1, received_amount = $2, allocated_amount = $3, error_code = $4, error_retryable = $5,
             start_lease_until = NULL, updated_at = kassa_now($6)
         WHERE checkout_id = $7 AND id = $8 AND status = $9")
        .bind(to)
        .bind(received)
        .bind(allocated)
        .bind(code)
        .bind(retryable)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(payment.id)
        .bind(payment.status)
        .exactly_one(tx.conn())
        .await
}

/// Takes back the open attempt of an order, unless it is this one.
pub async fn close_open(tx: &Tx, checkout: CheckoutId, order: OrderId, but: Option<PaymentId>) -> Result<(), DbError> {
    sql(
        "UPDATE payments SET status = 'cancelled', start_lease_until = NULL, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND order_id = $3 AND status IN ('created', 'pending') AND id IS DISTINCT FROM $4",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .bind(but)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Keeps what the provider calls an attempt.
pub async fn set_reference(tx: &Tx, checkout: CheckoutId, id: PaymentId, reference: &str) -> Result<(), DbError> {
    sql("UPDATE payments SET provider_reference = $1 WHERE checkout_id = $2 AND id = $3")
        .bind(reference)
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}
