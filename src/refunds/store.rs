//! Every query on what refunds change of an order.

use super::model::{Balance, Counted};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::payments::refunds::model::RefundLine;

/// Locks the lines of an order and reads their sums; the order is locked before them.
pub(super) async fn lock_lines(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<Vec<Balance>, DbError> {
    sql(
        "SELECT id, total, unpaid_amount, tax, refunded_amount, refunded_tax, held_amount, held_tax, returned_at FROM order_lines
         WHERE checkout_id = $1 AND order_id = $2 ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(checkout)
    .bind(order)
    .rows(tx.conn())
    .await
}

/// Moves the parts of a refund from one sum of their lines to another. That the sums stay within the line is checked by the database.
pub(super) async fn count(
    tx: &Tx,
    checkout: CheckoutId,
    lines: &[RefundLine],
    from: Counted,
    to: Counted,
) -> Result<(), DbError> {
    let sign = |state| i64::from(to == state) - i64::from(from == state);
    let (held, refunded) = (sign(Counted::Held), sign(Counted::Refunded));
    for line in lines {
        sql(
            "UPDATE order_lines SET held_amount = held_amount + $1, held_tax = held_tax + $2,
                 refunded_amount = refunded_amount + $3, refunded_tax = refunded_tax + $4
             WHERE checkout_id = $5 AND id = $6",
        )
        .bind(held * line.amount)
        .bind(held * line.tax_amount)
        .bind(refunded * line.amount)
        .bind(refunded * line.tax_amount)
        .bind(checkout)
        .bind(line.order_line_id)
        .exactly_one(tx.conn())
        .await?;
    }
    Ok(())
}

/// Marks lines whose access is taken away with a refund that has taken effect; returns how many were not marked yet.
pub(super) async fn mark_returned(tx: &Tx, checkout: CheckoutId, lines: &[RefundLine]) -> Result<usize, DbError> {
    let ids: Vec<_> = lines
        .iter()
        .filter(|line| line.remove_access)
        .map(|line| line.order_line_id)
        .collect();
    if ids.is_empty() {
        return Ok(0);
    }
    sql("UPDATE order_lines SET returned_at = kassa_now($1) WHERE checkout_id = $2 AND id = ANY($3) AND returned_at IS NULL")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(&ids)
        .execute(tx.conn())
        .await
}

/// The refunds of an order whose outcome nobody knows.
pub(super) async fn unknown_left(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM refunds WHERE checkout_id = $1 AND order_id = $2 AND status = 'unknown' LIMIT 1")
        .bind(checkout)
        .bind(order)
        .execute(tx.conn())
        .await?;
    Ok(found > 0)
}

/// Takes the mark of taken access off lines that are no longer refunded in full.
pub(super) async fn unmark_returned(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql("UPDATE order_lines SET returned_at = NULL
         WHERE checkout_id = $1 AND order_id = $2 AND returned_at IS NOT NULL AND (refunded_amount < total - unpaid_amount OR total = 0)")
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}
