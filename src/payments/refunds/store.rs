//! Every query on the ledger.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;
use futures_util::try_join;

use super::model::{Ledger, Refund, RefundLine, RefundStatus};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrderId, PaymentId, RefundId};
use crate::kernel::page::{Page, PageRequest};

/// A statement that reads whole refunds: what comes after `FROM refunds`.
macro_rules! refunds {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, payment_id, kind, status, refund_payment, manual_transfer_required, currency, amount, tax_amount,
                 remove_offer_access, reason, comment, metadata, failure_code, provider_reference, reverses, version, attempts, called_at,
                 test_mode, created_at, updated_at, effective_at
             FROM refunds ",
            $rest
        )
    };
}

/// The refunds of an order, oldest first, with their parts.
pub async fn of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<Ledger>, DbError> {
    let (rows, lines) = try_join!(
        sql(refunds!("WHERE checkout_id = $1 AND order_id = $2 ORDER BY id"))
            .bind(checkout)
            .bind(order)
            .rows::<Refund>(conn),
        sql("SELECT refund_id, order_line_id, amount, tax_amount, remove_access FROM refund_lines
             WHERE checkout_id = $1 AND refund_id IN (SELECT r.id FROM refunds r WHERE r.checkout_id = $1 AND r.order_id = $2)
             ORDER BY refund_id, order_line_id")
        .bind(checkout)
        .bind(order)
        .rows::<RefundLine>(conn),
    )?;
    let voided: HashSet<RefundId> = rows.iter().filter_map(|row| row.reverses).collect();
    Ok(together(rows, lines, &voided))
}

fn together(rows: Vec<Refund>, lines: Vec<RefundLine>, voided: &HashSet<RefundId>) -> Vec<Ledger> {
    let mut of_refund: HashMap<RefundId, Vec<RefundLine>> = HashMap::new();
    for line in lines {
        of_refund.entry(line.refund_id).or_default().push(line);
    }
    rows.into_iter()
        .map(|refund| Ledger {
            lines: of_refund.remove(&refund.id).unwrap_or_default(),
            voided: voided.contains(&refund.id),
            refund,
        })
        .collect()
}

/// A page of refunds of one mode, newest first.
pub async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    test_mode: bool,
    status: Option<RefundStatus>,
    page: &PageRequest,
) -> Result<Page<Ledger>, DbError> {
    // The filter that an index serves stands in the text: plans are made once for all values.
    let text = match status {
        None => refunds!(
            "WHERE checkout_id = $1 AND test_mode = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                 AND ($4::text IS NULL OR status = $4) ORDER BY id DESC LIMIT $5"
        ),
        Some(_) => refunds!(
            "WHERE checkout_id = $1 AND test_mode = $2 AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                 AND status = $4 ORDER BY id DESC LIMIT $5"
        ),
    };
    let rows = sql(text)
        .bind(checkout)
        .bind(test_mode)
        .bind(page.after)
        .bind(status)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    let page = Page::cut(rows, page, |row: &Refund| row.id.uuid());
    let ids: Vec<RefundId> = page.rows.iter().map(|row| row.id).collect();
    let (lines, voids) = try_join!(
        sql(
            "SELECT refund_id, order_line_id, amount, tax_amount, remove_access FROM refund_lines
             WHERE checkout_id = $1 AND refund_id = ANY($2) ORDER BY refund_id, order_line_id"
        )
        .bind(checkout)
        .bind(&ids)
        .rows::<RefundLine>(conn),
        sql(refunds!("WHERE checkout_id = $1 AND reverses = ANY($2)"))
            .bind(checkout)
            .bind(&ids)
            .rows::<Refund>(conn),
    )?;
    let voided = voids.iter().filter_map(|row| row.reverses).collect();
    Ok(Page {
        rows: together(page.rows, lines, &voided),
        next: page.next,
    })
}

/// One refund, without a lock: an order of refunds never changes, so the order can be locked by it.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: RefundId) -> Result<Option<Refund>, DbError> {
    sql(refunds!("WHERE checkout_id = $1 AND id = $2"))
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// The refund that a provider calls so.
pub async fn find_by_reference(conn: &Conn, checkout: CheckoutId, reference: &str) -> Result<Option<Refund>, DbError> {
    sql(refunds!(
        "WHERE checkout_id = $1 AND provider_reference = $2 ORDER BY id LIMIT 1"
    ))
    .bind(checkout)
    .bind(reference)
    .row(conn)
    .await
}

/// Locks a refund and reads it; order, lines and payment are locked before it.
pub async fn lock(tx: &Tx, checkout: CheckoutId, id: RefundId) -> Result<Option<Refund>, DbError> {
    sql(refunds!("WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE"))
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// The attempt of who writes a refund.
pub const WRITERS_ATTEMPT: i32 = 1;

/// Adds a refund and its parts; a pending one belongs to its writer for `lease_ms`.
pub async fn insert(tx: &Tx, checkout: CheckoutId, ledger: &Ledger, lease_ms: i64) -> Result<(), DbError> {
    let refund = &ledger.refund;
    sql("INSERT INTO refunds (checkout_id, id, order_id, payment_id, kind, status, refund_payment, manual_transfer_required, currency,
             amount, tax_amount, remove_offer_access, reason, comment, metadata, reverses, test_mode, attempts, next_attempt_at,
             created_at, updated_at, effective_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
             CASE WHEN $6 = 'pending' THEN $18 ELSE 0 END, CASE WHEN $6 = 'pending' THEN kassa_now($19 + $20) END, kassa_now($20),
             kassa_now($20), CASE WHEN $6 IN ('succeeded', 'recorded') THEN kassa_now($20) END)")
        .bind(checkout)
        .bind(refund.id)
        .bind(refund.order_id)
        .bind(refund.payment_id)
        .bind(refund.kind)
        .bind(refund.status)
        .bind(refund.refund_payment)
        .bind(refund.manual_transfer_required)
        .bind(refund.currency)
        .bind(refund.amount)
        .bind(refund.tax_amount)
        .bind(refund.remove_offer_access)
        .bind(refund.reason)
        .bind(&refund.comment)
        .bind(&refund.metadata)
        .bind(refund.reverses)
        .bind(refund.test_mode)
        .bind(WRITERS_ATTEMPT)
        .bind(lease_ms)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    let written = ledger.lines.iter().map(|line| {
        sql(
            "INSERT INTO refund_lines (checkout_id, refund_id, order_line_id, amount, tax_amount, remove_access)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(checkout)
        .bind(refund.id)
        .bind(line.order_line_id)
        .bind(line.amount)
        .bind(line.tax_amount)
        .bind(line.remove_access)
        .execute(tx.conn())
    });
    try_join_all(written).await.map(drop)
}

/// What moves with a refund.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// Where to.
    pub to: RefundStatus,
    /// Why it failed.
    pub failure: Option<&'a str>,
    /// Whether somebody has to send the money by other means.
    pub manual: bool,
}

/// Moves a refund, guarded by the state it was read in.
pub async fn advance(tx: &Tx, checkout: CheckoutId, refund: &Refund, to: Move<'_>) -> Result<(), DbError> {
    sql(
        "UPDATE refunds SET status = $1, failure_code = $2, manual_transfer_required = $3, version = version + 1,
             next_attempt_at = CASE WHEN $1 = 'unknown' THEN kassa_now($4 + 60000) END, updated_at = kassa_now($4),
             effective_at = CASE WHEN $1 IN ('succeeded', 'recorded') THEN kassa_now($4) END
         WHERE checkout_id = $5 AND id = $6 AND status = $7",
    )
    .bind(to.to)
    .bind(to.failure)
    .bind(to.manual)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(refund.id)
    .bind(refund.status)
    .exactly_one(tx.conn())
    .await
}

/// Keeps what the provider calls a refund.
pub async fn set_reference(tx: &Tx, checkout: CheckoutId, id: RefundId, reference: &str) -> Result<(), DbError> {
    sql("UPDATE refunds SET provider_reference = $1 WHERE checkout_id = $2 AND id = $3")
        .bind(reference)
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// A provider has the refund and decides later: its news is waited for, and it is asked in `delay_ms` if there was none.
pub async fn accepted(tx: &Tx, checkout: CheckoutId, id: RefundId, delay_ms: i64) -> Result<(), DbError> {
    sql(
        "UPDATE refunds SET next_attempt_at = kassa_now($1 + $2), called_at = coalesce(called_at, kassa_now($1)),
             updated_at = kassa_now($1)
         WHERE checkout_id = $3 AND id = $4",
    )
    .bind(tx.offset_ms())
    .bind(delay_ms)
    .bind(checkout)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}

/// A refund, held by whoever took it last: the number of the attempt is in every statement that only they may make.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::refunds)]
pub struct Held {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// The refund.
    pub id: RefundId,
    /// Which attempt it was taken for.
    pub attempts: i32,
}

/// Takes up to eight refunds whose caller has died or was to come again, for `lease_ms`.
pub async fn claim(conn: &Conn, offset_ms: i64, lease_ms: i64) -> Result<Vec<Held>, DbError> {
    sql("WITH due AS (
             SELECT checkout_id, id FROM refunds WHERE next_attempt_at <= kassa_now($1)
             ORDER BY next_attempt_at LIMIT 8 FOR UPDATE SKIP LOCKED
         )
         UPDATE refunds r SET attempts = r.attempts + 1, next_attempt_at = kassa_now($1 + $2)
         FROM due WHERE r.checkout_id = due.checkout_id AND r.id = due.id RETURNING r.checkout_id, r.id, r.attempts")
    .bind(offset_ms)
    .bind(lease_ms)
    .rows(conn)
    .await
}

/// Marks a refund as called for, before the call, and holds it for `lease_ms` from now; false when it is not its holder's any more. By
/// itself: the mark is committed when this returns.
pub async fn begin_call(conn: &Conn, offset_ms: i64, held: &Held, lease_ms: i64) -> Result<bool, DbError> {
    let begun = sql(
        "UPDATE refunds SET called_at = coalesce(called_at, kassa_now($1)), next_attempt_at = kassa_now($1 + $2)
         WHERE checkout_id = $3 AND id = $4 AND attempts = $5 AND status IN ('pending', 'unknown')",
    )
    .bind(offset_ms)
    .bind(lease_ms)
    .bind(held.checkout_id)
    .bind(held.id)
    .bind(held.attempts)
    .execute(conn)
    .await?;
    Ok(begun == 1)
}

/// The provider is asked again in `delay_ms`.
pub async fn try_again(tx: &Tx, held: &Held, delay_ms: i64) -> Result<(), DbError> {
    sql("UPDATE refunds SET next_attempt_at = kassa_now($1 + $2)
         WHERE checkout_id = $3 AND id = $4 AND attempts = $5 AND status IN ('pending', 'unknown')")
    .bind(delay_ms)
    .bind(tx.offset_ms())
    .bind(held.checkout_id)
    .bind(held.id)
    .bind(held.attempts)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes off the mark of a call that certainly did not arrive, the first there was: the refund is asked for again in `delay_ms`.
pub async fn not_called(tx: &Tx, held: &Held, delay_ms: i64) -> Result<(), DbError> {
    sql(
        "UPDATE refunds SET called_at = NULL, next_attempt_at = kassa_now($1 + $2)
         WHERE checkout_id = $3 AND id = $4 AND attempts = $5 AND status = 'pending' AND provider_reference IS NULL",
    )
    .bind(delay_ms)
    .bind(tx.offset_ms())
    .bind(held.checkout_id)
    .bind(held.id)
    .bind(held.attempts)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// No more is asked of the provider about a refund that nobody knows of: its news may still come, or a person finds out.
pub async fn leave(tx: &Tx, held: &Held) -> Result<(), DbError> {
    sql("UPDATE refunds SET next_attempt_at = NULL WHERE checkout_id = $1 AND id = $2 AND attempts = $3 AND status = 'unknown'")
        .bind(held.checkout_id)
        .bind(held.id)
        .bind(held.attempts)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// A payment's sums that refunds have to keep within.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
pub struct Room {
    /// Money of the order that is still there.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub allocated: i64,
    /// Money of no order that is still there.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub unallocated: i64,
}

/// Locks a payment and says how much of it can go back: what went back and what is on its way is taken off.
pub async fn room(tx: &Tx, checkout: CheckoutId, payment: PaymentId) -> Result<Option<Room>, DbError> {
    sql("SELECT 1 FROM payments WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(payment)
        .execute(tx.conn())
        .await?;
    sql("SELECT (p.allocated_amount - p.refunded_amount - coalesce(sum(r.amount) FILTER (WHERE r.kind = 'order'), 0))::bigint AS allocated,
             (coalesce(p.received_amount, 0) - p.allocated_amount - p.refunded_unallocated
                 - coalesce(sum(r.amount) FILTER (WHERE r.kind = 'unallocated'), 0))::bigint AS unallocated
         FROM payments p LEFT JOIN refunds r ON r.checkout_id = p.checkout_id AND r.payment_id = p.id AND r.status IN ('pending', 'unknown')
         WHERE p.checkout_id = $1 AND p.id = $2
         GROUP BY p.allocated_amount, p.refunded_amount, p.received_amount, p.refunded_unallocated")
    .bind(checkout)
    .bind(payment)
    .row(tx.conn())
    .await
}

/// Counts money of a payment that went back, or with a negative amount that did not after all.
pub async fn count_on_payment(
    tx: &Tx,
    checkout: CheckoutId,
    payment: PaymentId,
    of_order: i64,
    of_none: i64,
) -> Result<(), DbError> {
    sql(
        "UPDATE payments SET refunded_amount = refunded_amount + $1, refunded_unallocated = refunded_unallocated + $2,
             updated_at = kassa_now($3)
         WHERE checkout_id = $4 AND id = $5",
    )
    .bind(of_order)
    .bind(of_none)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(payment)
    .exactly_one(tx.conn())
    .await
}
