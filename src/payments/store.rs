//! Every query on payment attempts.

use super::model::{Payment, PaymentStatus, ProviderKind};
use super::provider::Outcome;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::text::Label;

/// A statement that reads whole attempts.
macro_rules! payments {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, provider, method, handover, test_mode, status, revision, currency, amount, received_amount,
                 allocated_amount, refunded_amount, refunded_unallocated, provider_reference, error_code, error_retryable, failure_untold,
                 received_at, bank_reference, created_at, updated_at
             FROM payments ",
            $rest
        )
    };
}

/// The attempts of an order, oldest first.
pub async fn of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<Payment>, DbError> {
    sql(payments!("WHERE checkout_id = $1 AND order_id = $2 ORDER BY id"))
        .bind(checkout)
        .bind(order)
        .rows(conn)
        .await
}

/// One attempt.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: PaymentId) -> Result<Option<Payment>, DbError> {
    sql(payments!("WHERE checkout_id = $1 AND id = $2"))
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
        "INSERT INTO payments (checkout_id, id, order_id, provider, method, status, revision, currency, amount, test_mode,
             start_lease_until, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, kassa_now($11 + $12), kassa_now($12), kassa_now($12))",
    )
    .bind(checkout)
    .bind(payment.id)
    .bind(payment.order_id)
    .bind(payment.provider)
    .bind(payment.method.as_deref())
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
             handover = CASE WHEN $1 IN ('pending', 'failed') THEN handover END, start_lease_until = NULL, updated_at = kassa_now($6)
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

/// An attempt that was closed.
#[derive(Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::payments)]
pub(super) struct Closed {
    pub id: PaymentId,
    pub provider: ProviderKind,
    pub provider_reference: Option<String>,
}

/// A statement that takes back those attempts that are open, or failed and are still in a buyer's hands.
macro_rules! close {
    ($which:literal) => {
        concat!(
            "UPDATE payments SET status = CASE status WHEN 'failed' THEN status ELSE 'cancelled' END, handover = NULL,
                 start_lease_until = NULL, updated_at = kassa_now($1)
             WHERE checkout_id = $2 AND ",
            $which,
            " AND (status IN ('created', 'pending') OR status = 'failed' AND handover IS NOT NULL)
             RETURNING id, provider, provider_reference"
        )
    };
}

/// Takes back this attempt.
pub(super) async fn close(tx: &Tx, checkout: CheckoutId, id: PaymentId) -> Result<Option<Closed>, DbError> {
    sql(close!("id = $3"))
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// Takes back the attempts of an order, unless it is this one.
pub(super) async fn close_open(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    but: Option<PaymentId>,
) -> Result<Vec<Closed>, DbError> {
    sql(close!("order_id = $3 AND id IS DISTINCT FROM $4"))
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(order)
        .bind(but)
        .rows(tx.conn())
        .await
}

/// Keeps what the provider calls an attempt, and what the buyer needs to pay it if it is still to be paid.
pub async fn set_started(
    tx: &Tx,
    checkout: CheckoutId,
    id: PaymentId,
    reference: &str,
    handover: Option<Vec<u8>>,
) -> Result<(), DbError> {
    sql("UPDATE payments SET provider_reference = $1, handover = CASE WHEN status IN ('created', 'pending', 'failed') THEN $2 END
         WHERE checkout_id = $3 AND id = $4")
    .bind(reference)
    .bind(handover)
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}

/// The attempt that a provider calls by this name.
pub async fn find_by_reference(
    conn: &Conn,
    checkout: CheckoutId,
    provider: ProviderKind,
    reference: &str,
) -> Result<Option<Payment>, DbError> {
    sql(payments!(
        "WHERE checkout_id = $1 AND provider = $2 AND provider_reference = $3"
    ))
    .bind(checkout)
    .bind(provider)
    .bind(reference)
    .row(conn)
    .await
}

/// Gives money that was kept apart to its order, guarded by what the order had of it. That it is there and not on its way back is
/// for the caller to see ([`room`](super::refunds::store::room)).
pub async fn allocate(tx: &Tx, checkout: CheckoutId, payment: &Payment, amount: i64) -> Result<(), DbError> {
    sql(
        "UPDATE payments SET allocated_amount = allocated_amount + $1, updated_at = kassa_now($2)
         WHERE checkout_id = $3 AND id = $4 AND status = 'succeeded' AND allocated_amount = $5",
    )
    .bind(amount)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(payment.id)
    .bind(payment.allocated_amount)
    .exactly_one(tx.conn())
    .await
}

/// A page of payments, newest first: all, or those that have money which belongs to no order.
pub async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    test_mode: bool,
    unallocated: bool,
    page: &PageRequest,
) -> Result<Page<Payment>, DbError> {
    // Two texts: each has an index of its own.
    let text = if unallocated {
        payments!(
            "WHERE checkout_id = $1 AND test_mode = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
             AND status = 'succeeded' AND received_amount > allocated_amount + refunded_unallocated
         ORDER BY id DESC LIMIT $4"
        )
    } else {
        payments!(
            "WHERE checkout_id = $1 AND test_mode = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $4"
        )
    };
    let rows = sql(text)
        .bind(checkout)
        .bind(test_mode)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    Ok(Page::cut(rows, page, |row: &Payment| row.id.uuid()))
}

/// Attempts whose buyers will lose the hold of their code within the time given, at the providers that can take them back: the open
/// ones, and those that failed and can still be paid by whoever has the page open.
pub async fn losing_their_hold(
    conn: &Conn,
    offset_ms: i64,
    within_ms: i64,
) -> Result<Vec<(CheckoutId, PaymentId)>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::payments)]
    struct Row {
        checkout_id: CheckoutId,
        id: PaymentId,
    }
    let rows: Vec<Row> = sql("SELECT p.checkout_id, p.id FROM discount_holds h
         JOIN orders o ON o.checkout_id = h.checkout_id AND o.session_id = h.session_id
         JOIN payments p ON p.checkout_id = o.checkout_id AND p.order_id = o.id
             AND (p.status IN ('created', 'pending') OR p.status = 'failed' AND p.handover IS NOT NULL)
         WHERE h.state = 'held' AND h.phase = 'payment' AND h.expires_at <= kassa_now($1 + $2) AND p.provider = ANY($3)
         ORDER BY h.expires_at LIMIT 100")
    .bind(offset_ms)
    .bind(within_ms)
    .bind(ProviderKind::that(|can| can.cancels))
    .rows(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.checkout_id, row.id)).collect())
}

/// Writes money that a person saw as a payment of its own: all of it kept apart.
pub async fn insert_seen(tx: &Tx, checkout: CheckoutId, payment: &Payment) -> Result<(), DbError> {
    sql(
        "INSERT INTO payments (checkout_id, id, order_id, provider, status, revision, currency, amount, received_amount, test_mode,
             received_at, bank_reference, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, kassa_now($13), kassa_now($13))",
    )
    .bind(checkout)
    .bind(payment.id)
    .bind(payment.order_id)
    .bind(payment.provider)
    .bind(payment.status)
    .bind(payment.revision)
    .bind(payment.currency)
    .bind(payment.amount)
    .bind(payment.received_amount)
    .bind(payment.test_mode)
    .bind(payment.received_at)
    .bind(payment.bank_reference.as_deref())
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Whether an attempt of the order is undecided at its provider.
pub async fn any_pending(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM payments WHERE checkout_id = $1 AND order_id = $2 AND status = 'pending' LIMIT 1")
        .bind(checkout)
        .bind(order)
        .execute(tx.conn())
        .await?;
    Ok(found > 0)
}

/// Keeps whether the provider's own news of a failure is still to come.
pub async fn set_failure_untold(tx: &Tx, checkout: CheckoutId, id: PaymentId, untold: bool) -> Result<(), DbError> {
    sql("UPDATE payments SET failure_untold = $1 WHERE checkout_id = $2 AND id = $3 AND status = 'failed'")
        .bind(untold)
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// Keeps what a person says of the money that they saw.
pub async fn set_seen(
    tx: &Tx,
    checkout: CheckoutId,
    id: PaymentId,
    at: Instant,
    reference: Option<&Label>,
) -> Result<(), DbError> {
    sql("UPDATE payments SET received_at = $1, bank_reference = $2 WHERE checkout_id = $3 AND id = $4")
        .bind(at)
        .bind(reference.map(Label::as_str))
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// Keeps that its provider has said how an attempt stands, or that there is nobody left to ask.
pub async fn set_answered(tx: &Tx, checkout: CheckoutId, id: PaymentId) -> Result<(), DbError> {
    sql("UPDATE payments SET answered_at = kassa_now($1) WHERE checkout_id = $2 AND id = $3")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}
