//! Every query on uses and their counters.

use super::model::{Counted, Ended, Ending, Hold, HoldPhase, ListedUse, NewHold};
use super::redeem::Paid;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, DiscountCodeId, SessionId};
use crate::kernel::page::{Page, PageRequest};

/// The hold of a session, locked, whether or not its time is over.
pub(super) async fn lock_of_session(
    tx: &Tx,
    checkout: CheckoutId,
    session: SessionId,
) -> Result<Option<Hold>, DbError> {
    sql("SELECT checkout_id, id, discount_code_id, session_id, test_mode, state, phase, expires_at, renewable_until, counted
         FROM discount_holds WHERE checkout_id = $1 AND session_id = $2 AND state = 'held' FOR NO KEY UPDATE")
    .bind(checkout)
    .bind(session)
    .row(tx.conn())
    .await
}

/// The latest use of a code by a session in whatever state, locked.
pub(super) async fn lock_latest(
    tx: &Tx,
    checkout: CheckoutId,
    session: SessionId,
    code: DiscountCodeId,
) -> Result<Option<Hold>, DbError> {
    sql("SELECT checkout_id, id, discount_code_id, session_id, test_mode, state, phase, expires_at, renewable_until, counted
         FROM discount_holds WHERE checkout_id = $1 AND session_id = $2 AND discount_code_id = $3
         ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE")
    .bind(checkout)
    .bind(session)
    .bind(code)
    .row(tx.conn())
    .await
}

/// Writes a hold. Its reference to the code waits for whoever is changing the code's limit.
pub(super) async fn insert(tx: &Tx, new: &NewHold) -> Result<Hold, DbError> {
    let row = sql("INSERT INTO discount_holds (checkout_id, id, discount_code_id, session_id, customer_hash, address_hash, test_mode, state, phase,
             expires_at, renewable_until, counted, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'held', 'basket', kassa_now($8 + $9), kassa_now($8 + $10), $11, kassa_now($8), kassa_now($8))
         RETURNING checkout_id, id, discount_code_id, session_id, test_mode, state, phase, expires_at, renewable_until, counted")
        .bind(new.checkout)
        .bind(new.id)
        .bind(new.code)
        .bind(new.session)
        .bind(new.customer.map(|hash| hash.to_vec()))
        .bind(new.address.map(|hash| hash.to_vec()))
        .bind(new.test_mode)
        .bind(tx.offset_ms())
        .bind(new.hold_ms)
        .bind(new.longest_ms)
        .bind(new.counted)
        .row(tx.conn())
        .await?;
    row.ok_or(DbError::Stale)
}

/// Takes back a hold that this transaction has written and not counted.
pub(super) async fn discard(tx: &Tx, hold: &Hold) -> Result<(), DbError> {
    sql("DELETE FROM discount_holds WHERE checkout_id = $1 AND id = $2")
        .bind(hold.checkout_id)
        .bind(hold.id)
        .exactly_one(tx.conn())
        .await
}

/// Whether the code has a limit at this moment.
pub(super) async fn is_limited(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    test_mode: bool,
) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM discount_counters
         WHERE checkout_id = $1 AND discount_code_id = $2 AND test_mode = $3 AND usage_limit IS NOT NULL")
    .bind(checkout)
    .bind(code)
    .bind(test_mode)
    .execute(tx.conn())
    .await?;
    Ok(found == 1)
}

/// Counts one hold in, giving back `freed` at the same time, if the limit leaves room: the one statement that decides.
pub(super) async fn count_in(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    test_mode: bool,
    freed: i64,
) -> Result<bool, DbError> {
    let changed = sql("UPDATE discount_counters SET held = held - $1 + 1
         WHERE checkout_id = $2 AND discount_code_id = $3 AND test_mode = $4 AND held - $1 + redeemed < usage_limit")
    .bind(freed)
    .bind(checkout)
    .bind(code)
    .bind(test_mode)
    .execute(tx.conn())
    .await?;
    Ok(changed == 1)
}

/// Notes on the hold whether the counter has it.
pub(super) async fn mark_counted(tx: &Tx, hold: &Hold, counted: bool) -> Result<(), DbError> {
    sql("UPDATE discount_holds SET counted = $1 WHERE checkout_id = $2 AND id = $3")
        .bind(counted)
        .bind(hold.checkout_id)
        .bind(hold.id)
        .exactly_one(tx.conn())
        .await
}

/// Counts holds out.
pub(super) async fn count_out(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    test_mode: bool,
    freed: i64,
) -> Result<(), DbError> {
    if freed == 0 {
        return Ok(());
    }
    sql("UPDATE discount_counters SET held = held - $1
         WHERE checkout_id = $2 AND discount_code_id = $3 AND test_mode = $4")
    .bind(freed)
    .bind(checkout)
    .bind(code)
    .bind(test_mode)
    .exactly_one(tx.conn())
    .await
}

/// One hold less and one redemption more.
pub(super) async fn count_redeemed(tx: &Tx, hold: &Hold) -> Result<Counted, DbError> {
    let row: Option<Counted> = sql("UPDATE discount_counters SET held = held - 1, redeemed = redeemed + 1
         WHERE checkout_id = $1 AND discount_code_id = $2 AND test_mode = $3
         RETURNING redeemed, coalesce(redeemed = usage_limit, false) AS last")
    .bind(hold.checkout_id)
    .bind(hold.discount_code_id)
    .bind(hold.test_mode)
    .row(tx.conn())
    .await?;
    row.ok_or(DbError::Stale)
}

/// One redemption more without a hold, giving back `freed`: within the limit, or beyond it. Nothing when the limit leaves no
/// room.
pub(super) async fn count_late(tx: &Tx, hold: &Hold, freed: i64, beyond: bool) -> Result<Option<Counted>, DbError> {
    sql("UPDATE discount_counters SET held = held - $1, redeemed = redeemed + 1
         WHERE checkout_id = $2 AND discount_code_id = $3 AND test_mode = $4
           AND ($5 OR usage_limit IS NULL OR held - $1 + redeemed < usage_limit)
         RETURNING redeemed, coalesce(redeemed = usage_limit, false) AS last")
    .bind(freed)
    .bind(hold.checkout_id)
    .bind(hold.discount_code_id)
    .bind(hold.test_mode)
    .bind(beyond)
    .row(tx.conn())
    .await
}

/// Marks every overdue hold of a code as lapsed. Waits for whoever has one of them in hand: a hold that is renewed in this moment
/// is no longer overdue, and one that somebody else marks is counted out by them.
pub(super) async fn lapse_of_code(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    test_mode: bool,
) -> Result<Vec<Ended>, DbError> {
    sql("WITH due AS (
             SELECT checkout_id, id FROM discount_holds
             WHERE checkout_id = $1 AND discount_code_id = $2 AND test_mode = $3 AND state = 'held' AND expires_at <= kassa_now($4)
             ORDER BY id FOR NO KEY UPDATE
         )
         UPDATE discount_holds h SET state = 'lapsed', updated_at = kassa_now($4)
         FROM due WHERE h.checkout_id = due.checkout_id AND h.id = due.id
         RETURNING h.checkout_id, h.discount_code_id, h.test_mode, h.counted")
    .bind(checkout)
    .bind(code)
    .bind(test_mode)
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}

/// Marks up to 500 holds as lapsed that have been overdue for long: tidying only, so what somebody has in hand is left alone.
pub(super) async fn lapse_old(tx: &Tx, overdue_ms: i64) -> Result<Vec<Ended>, DbError> {
    sql("WITH due AS (
             SELECT checkout_id, id FROM discount_holds WHERE state = 'held' AND expires_at <= kassa_now($1 - $2)
             ORDER BY expires_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
         )
         UPDATE discount_holds h SET state = 'lapsed', updated_at = kassa_now($1)
         FROM due WHERE h.checkout_id = due.checkout_id AND h.id = due.id
         RETURNING h.checkout_id, h.discount_code_id, h.test_mode, h.counted")
    .bind(tx.offset_ms())
    .bind(overdue_ms)
    .rows(tx.conn())
    .await
}

/// Ends the holds of a code in baskets.
pub(super) async fn release_of_code(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
) -> Result<Vec<Ended>, DbError> {
    sql("WITH due AS (
             SELECT checkout_id, id FROM discount_holds
             WHERE checkout_id = $1 AND discount_code_id = $2 AND state = 'held' AND phase = 'basket'
             ORDER BY id FOR NO KEY UPDATE
         )
         UPDATE discount_holds h SET state = 'released', updated_at = kassa_now($3)
         FROM due WHERE h.checkout_id = due.checkout_id AND h.id = due.id
         RETURNING h.checkout_id, h.discount_code_id, h.test_mode, h.counted")
    .bind(checkout)
    .bind(code)
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await
}

/// Moves a hold from `held` to another state; a second time finds it gone.
pub(super) async fn end(tx: &Tx, hold: &Hold, state: super::model::HoldState) -> Result<(), DbError> {
    sql("UPDATE discount_holds SET state = $1, updated_at = kassa_now($2) WHERE checkout_id = $3 AND id = $4 AND state = 'held'")
        .bind(state)
        .bind(tx.offset_ms())
        .bind(hold.checkout_id)
        .bind(hold.id)
        .exactly_one(tx.conn())
        .await
}

/// Sets a timer from now on: in a basket not beyond what activity may renew, which `longest_ms` begins anew. Nothing when no
/// activity renews the hold any more.
pub(super) async fn set_timer(
    tx: &Tx,
    hold: &Hold,
    phase: HoldPhase,
    ms: i64,
    longest_ms: Option<i64>,
    customer: Option<[u8; 32]>,
) -> Result<Option<Hold>, DbError> {
    sql("UPDATE discount_holds SET phase = $1, updated_at = kassa_now($2),
             renewable_until = coalesce(kassa_now($2 + $3), renewable_until),
             expires_at = CASE WHEN $1 = 'basket' THEN least(kassa_now($2 + $4), coalesce(kassa_now($2 + $3), renewable_until))
                 ELSE kassa_now($2 + $4) END,
             customer_hash = coalesce($5, customer_hash)
         WHERE checkout_id = $6 AND id = $7 AND state = 'held'
             AND (phase = 'payment' OR $3 IS NOT NULL OR renewable_until > kassa_now($2))
         RETURNING checkout_id, id, discount_code_id, session_id, test_mode, state, phase, expires_at, renewable_until, counted")
        .bind(phase)
        .bind(tx.offset_ms())
        .bind(longest_ms)
        .bind(ms)
        .bind(customer.map(|hash| hash.to_vec()))
        .bind(hold.checkout_id)
        .bind(hold.id)
        .row(tx.conn())
        .await
}

/// The live holds that other sessions took from a network address without saying whose they are, the first to end first.
pub(super) async fn held_by_address(
    tx: &Tx,
    checkout: CheckoutId,
    address: &[u8],
    but: SessionId,
) -> Result<Vec<Ending>, DbError> {
    sql(
        "SELECT ceil(extract(epoch FROM expires_at - kassa_now($1)))::integer AS seconds FROM discount_holds
         WHERE checkout_id = $2 AND address_hash = $3 AND session_id <> $4 AND state = 'held' AND customer_hash IS NULL
           AND expires_at > kassa_now($1)
         ORDER BY expires_at",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(address)
    .bind(but)
    .rows(tx.conn())
    .await
}

/// Queues at the row of one customer of one code: until the transaction ends nobody else decides on them.
pub(super) async fn queue_customer(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    customer: &[u8],
    test_mode: bool,
) -> Result<(), DbError> {
    sql("INSERT INTO discount_customers (checkout_id, discount_code_id, customer_hash, test_mode, decided) VALUES ($1, $2, $3, $4, 1)
         ON CONFLICT (checkout_id, discount_code_id, customer_hash, test_mode)
         DO UPDATE SET decided = discount_customers.decided + 1")
        .bind(checkout)
        .bind(code)
        .bind(customer)
        .bind(test_mode)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// How many uses a customer has in other sessions, redeemed and live. One whose order was refunded in full counts no more, if its code
/// gives that back.
pub async fn uses_of_customer(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    code: DiscountCodeId,
    customer: &[u8],
    test_mode: bool,
    but: Option<SessionId>,
) -> Result<usize, DbError> {
    sql("SELECT 1 FROM discount_holds
         WHERE checkout_id = $1 AND discount_code_id = $2 AND customer_hash = $3 AND test_mode = $4
           AND session_id IS DISTINCT FROM $5 AND state IN ('held', 'redeemed') AND (state = 'redeemed' OR expires_at > kassa_now($6))
           AND NOT EXISTS (SELECT 1 FROM orders o JOIN discount_codes c ON c.checkout_id = o.checkout_id AND c.id = $2
               WHERE o.checkout_id = $1 AND o.id = discount_holds.order_id AND o.payment_status = 'refunded'
                 AND c.refund_policy = 'release_customer_slot')")
    .bind(checkout)
    .bind(code)
    .bind(customer)
    .bind(test_mode)
    .bind(but)
    .bind(offset_ms)
    .execute(conn)
    .await
}

/// Writes what a use became of: its order, what it took off, and whether it passed the limit.
pub(super) async fn redeem(tx: &Tx, hold: &Hold, paid: Paid, over_limit: bool) -> Result<(), DbError> {
    sql(
        "UPDATE discount_holds SET state = 'redeemed', order_id = $1, amount = $2, currency = $3, over_limit = $4,
             updated_at = kassa_now($5)
         WHERE checkout_id = $6 AND id = $7 AND state <> 'redeemed'",
    )
    .bind(paid.order)
    .bind(paid.amount)
    .bind(paid.currency)
    .bind(over_limit)
    .bind(tx.offset_ms())
    .bind(hold.checkout_id)
    .bind(hold.id)
    .exactly_one(tx.conn())
    .await
}

/// A page of redemptions, or of live holds, newest first.
pub(super) async fn page(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    code: DiscountCodeId,
    redeemed: bool,
    test_mode: bool,
    page: &PageRequest,
) -> Result<Page<ListedUse>, DbError> {
    macro_rules! select {
        ($state:literal) => {
            concat!(
                "SELECT h.id, h.session_id, h.order_id, o.number AS order_number, coalesce(o.email, s.email) AS email, h.phase,
                    h.expires_at, h.amount, h.currency, h.over_limit, h.test_mode, h.created_at, h.updated_at
                 FROM discount_holds h
                 JOIN checkout_sessions s ON s.checkout_id = h.checkout_id AND s.id = h.session_id
                 LEFT JOIN orders o ON o.checkout_id = h.checkout_id AND o.id = h.order_id
                 WHERE h.checkout_id = $1 AND h.discount_code_id = $2 AND h.test_mode = $3 AND ($4 OR h.expires_at > kassa_now($5))
                   AND h.id < coalesce($6, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AND h.state = ",
                $state,
                " ORDER BY h.id DESC LIMIT $7"
            )
        };
    }
    let rows = sql(if redeemed {
        select!("'redeemed'")
    } else {
        select!("'held'")
    })
    .bind(checkout)
    .bind(code)
    .bind(test_mode)
    .bind(redeemed)
    .bind(offset_ms)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &ListedUse| row.id.uuid()))
}
