//! Every query on actions and their runs.

use futures_util::future::try_join_all;

use super::model::{
    Action, ActionLevel, ActionRun, ActionType, Attempt, AttemptOutcome, Frozen, RunStatus, Sold, WaitingFor,
};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::clock::{Clock, Instant};
use crate::kernel::ids::{ActionId, CheckoutId, LineId, OrderId};
use uuid::Uuid;

/// The actions that an order of this mode freezes: the checkout's, and those of these products and offers. Test orders always have
/// their receipt, and licenses that are none.
pub async fn enabled_for(
    conn: &Conn,
    checkout: CheckoutId,
    test_mode: bool,
    owners: &[Uuid],
) -> Result<Vec<Action>, DbError> {
    sql("SELECT id, level, owner_id, type, name, enabled, run_in_test, config, secrets, archived_at, created_at, updated_at FROM actions
         WHERE checkout_id = $1 AND (owner_id IS NULL OR owner_id = ANY($2)) AND archived_at IS NULL AND enabled
             AND (NOT $3 OR run_in_test OR type IN ('receipt_email', 'license')) ORDER BY id")
    .bind(checkout)
    .bind(owners)
    .bind(test_mode)
    .rows(conn)
    .await
}

/// The runs of a new order or revision, waiting for it to be paid: an action of the checkout once, one of an offer once for each offer
/// that something was sold by, one of a product once for each line of it.
pub fn frozen(clock: &Clock, order: OrderId, sold: &[Sold], actions: &[Action], at: Instant) -> Vec<Frozen> {
    let run = |action: &Action, sold: Option<&Sold>| Frozen {
        action: action.id,
        config: action.config.clone(),
        product: sold.map(|sold| sold.product),
        run: ActionRun {
            id: ActionId::generate(clock),
            order_id: order,
            order_line_id: sold.map(|sold| sold.line),
            level: action.level,
            action_type: action.action_type,
            name: action.name.clone(),
            status: RunStatus::Frozen,
            waiting_for: None,
            revokes: None,
            attempts: 0,
            last_error: None,
            created_at: at,
            updated_at: at,
        },
    };
    let mut runs = Vec::new();
    for action in actions {
        match (action.level, action.owner_id) {
            (ActionLevel::Product, owner) => {
                let lines = sold.iter().filter(|sold| Some(sold.product) == owner);
                runs.extend(lines.map(|sold| run(action, Some(sold))));
            }
            (ActionLevel::Offer, owner) if !sold.iter().any(|sold| Some(sold.offer) == owner) => {}
            (ActionLevel::Offer | ActionLevel::Checkout, _) => runs.push(run(action, None)),
        }
    }
    runs
}

/// Freezes runs on an order, for one revision of it.
pub async fn freeze(tx: &Tx, checkout: CheckoutId, revision: i32, runs: &[Frozen]) -> Result<(), DbError> {
    let written = runs.iter().map(|Frozen { run, action, config, product }| {
        sql("INSERT INTO action_runs (checkout_id, id, order_id, action_id, level, type, name, config, status, revision, order_line_id,
                 product_id, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, kassa_now($13), kassa_now($13))")
            .bind(checkout)
            .bind(run.id)
            .bind(run.order_id)
            .bind(*action)
            .bind(run.level)
            .bind(run.action_type)
            .bind(&run.name)
            .bind(config)
            .bind(run.status)
            .bind(revision)
            .bind(run.order_line_id)
            .bind(*product)
            .bind(tx.offset_ms())
            .execute(tx.conn())
    });
    try_join_all(written).await.map(drop)
}

/// The runs of an order as it is now, in the order of their making.
pub async fn of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<ActionRun>, DbError> {
    sql(
        "SELECT r.id, r.order_id, r.order_line_id, r.level, r.type, r.name, r.status, r.waiting_for, r.revokes, r.attempts, r.last_error,
             r.created_at, r.updated_at
         FROM action_runs r JOIN orders o ON o.checkout_id = r.checkout_id AND o.id = r.order_id AND o.revision = r.revision
         WHERE r.checkout_id = $1 AND r.order_id = $2 ORDER BY r.id",
    )
    .bind(checkout)
    .bind(order)
    .rows(conn)
    .await
}

/// The attempts at the runs of an order, oldest first.
pub async fn attempts_of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<Attempt>, DbError> {
    sql(
        "SELECT a.run_id, a.number, a.started_at, a.finished_at, a.outcome, a.message FROM action_runs r
         JOIN action_attempts a ON a.checkout_id = r.checkout_id AND a.run_id = r.id
         WHERE r.checkout_id = $1 AND r.order_id = $2 ORDER BY a.run_id, a.number",
    )
    .bind(checkout)
    .bind(order)
    .rows(conn)
    .await
}

/// A run that is due, and the queue it waits in.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::action_runs)]
pub struct Due {
    /// The run.
    pub id: ActionId,
    /// What it does.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub action_type: ActionType,
    /// The line it belongs to.
    pub order_line_id: Option<LineId>,
}

/// Queues the frozen runs of an order that has just been paid, those of the revision that was paid.
pub async fn queue_frozen(tx: &Tx, checkout: CheckoutId, order: OrderId, revision: i32) -> Result<Vec<Due>, DbError> {
    sql("UPDATE action_runs SET status = 'queued', updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND order_id = $3 AND status = 'frozen' AND revision = $4
         RETURNING id, type, order_line_id")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .bind(revision)
    .rows(tx.conn())
    .await
}

/// Ends the frozen runs of an order that is deleted: there is nothing to do for it.
pub async fn cancel_frozen(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<(), DbError> {
    sql(
        "UPDATE action_runs SET status = 'cancelled', updated_at = kassa_now($1), finished_at = kassa_now($1)
         WHERE checkout_id = $2 AND order_id = $3 AND status = 'frozen'",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// A run that has begun, and how it is set up.
#[derive(Clone, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::action_runs)]
pub struct Begun {
    /// The order it belongs to.
    pub order_id: OrderId,
    /// The action it is a run of.
    pub action_id: ActionId,
    /// The line it belongs to.
    pub order_line_id: Option<LineId>,
    /// The product of that line.
    pub product_id: Option<Uuid>,
    /// What it does.
    #[diesel(column_name = "type", sql_type = diesel::sql_types::Text)]
    pub action_type: ActionType,
    /// How.
    pub config: serde_json::Value,
    /// The run that it undoes.
    pub revokes: Option<ActionId>,
    /// Which attempt this is.
    pub attempts: i32,
}

/// Marks a run as being worked on, one more attempt; `None` when there is nothing to do any more. A run that a dead worker left
/// `running` is taken over.
pub async fn begin(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<Option<Begun>, DbError> {
    sql("WITH begun AS (
             UPDATE action_runs SET status = 'running', attempts = attempts + 1, updated_at = kassa_now($1)
             WHERE checkout_id = $2 AND id = $3 AND status IN ('queued', 'running')
             RETURNING checkout_id, id, order_id, action_id, order_line_id, product_id, type, config, revokes, attempts
         ), attempt AS (
             INSERT INTO action_attempts (checkout_id, run_id, number, started_at)
             SELECT checkout_id, id, attempts, kassa_now($1) FROM begun
         )
         SELECT order_id, action_id, order_line_id, product_id, type, config, revokes, attempts FROM begun")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .row(tx.conn())
    .await
}

/// How an attempt at a run ended.
#[derive(Clone, Debug)]
pub struct Ended<'a> {
    /// Where the run stands now.
    pub status: RunStatus,
    /// What it waits for, when it waits.
    pub waiting_for: Option<WaitingFor>,
    /// How this attempt ended.
    pub attempt: AttemptOutcome,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// What a later run needs to know.
    pub outcome: Option<&'a serde_json::Value>,
}

/// Records how an attempt ended, and where that leaves its run.
pub async fn record(
    tx: &Tx,
    checkout: CheckoutId,
    run: ActionId,
    number: i32,
    ended: &Ended<'_>,
) -> Result<(), DbError> {
    sql("WITH ended AS (
             UPDATE action_attempts SET finished_at = kassa_now($1), outcome = $2, message = $3
             WHERE checkout_id = $4 AND run_id = $5 AND number = $6
         )
         UPDATE action_runs SET status = $7, waiting_for = $8, last_error = $3, outcome = coalesce($9, outcome),
             updated_at = kassa_now($1), finished_at = CASE WHEN $7 IN ('succeeded', 'failed') THEN kassa_now($1) END
         WHERE checkout_id = $4 AND id = $5 AND status = 'running' AND attempts = $6")
    .bind(tx.offset_ms())
    .bind(ended.attempt)
    .bind(ended.error)
    .bind(checkout)
    .bind(run)
    .bind(number)
    .bind(ended.status)
    .bind(ended.waiting_for)
    .bind(ended.outcome)
    .exactly_one(tx.conn())
    .await
}

/// What a run left for the one that undoes it.
pub async fn outcome(conn: &Conn, checkout: CheckoutId, run: ActionId) -> Result<Option<serde_json::Value>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::action_runs)]
    struct Left {
        outcome: Option<serde_json::Value>,
    }
    let row: Option<Left> = sql("SELECT outcome FROM action_runs WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(run)
        .row(conn)
        .await?;
    Ok(row.and_then(|row| row.outcome))
}

/// Whether every action of an order has succeeded.
pub async fn all_succeeded(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let open = sql("SELECT 1 FROM action_runs r JOIN orders o ON o.checkout_id = r.checkout_id AND o.id = r.order_id AND o.revision = r.revision
         WHERE r.checkout_id = $1 AND r.order_id = $2 AND r.revokes IS NULL AND r.status NOT IN ('succeeded', 'cancelled') LIMIT 1")
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await?;
    Ok(open == 0)
}

/// Makes a run due anew, whatever it was.
pub async fn queue_again(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<(), DbError> {
    sql(
        "UPDATE action_runs SET status = 'queued', waiting_for = NULL, finished_at = NULL, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .exactly_one(tx.conn())
    .await
}

/// Gives a run the configuration and the name that its action has now, for good.
pub async fn take_latest_configuration(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<(), DbError> {
    sql(
        "UPDATE action_runs r SET config = a.config, name = a.name, updated_at = kassa_now($1) FROM actions a
         WHERE r.checkout_id = $2 AND r.id = $3 AND a.checkout_id = r.checkout_id AND a.id = r.action_id",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Whether something of an order could not be taken back.
pub async fn revocation_failed(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let found = sql(
        "SELECT 1 FROM action_runs WHERE checkout_id = $1 AND order_id = $2 AND revokes IS NOT NULL AND status = 'failed' LIMIT 1",
    )
    .bind(checkout)
    .bind(order)
    .execute(tx.conn())
    .await?;
    Ok(found > 0)
}

/// Ends a run that is no longer wanted, whatever it is doing.
pub async fn cancel(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<(), DbError> {
    sql(
        "UPDATE action_runs SET status = 'cancelled', waiting_for = NULL, updated_at = kassa_now($1), finished_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3 AND status NOT IN ('succeeded', 'cancelled')",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Writes the run that undoes another, or makes the one that did so before due anew; returns its id.
pub async fn insert_revocation(tx: &Tx, checkout: CheckoutId, undone: ActionId) -> Result<ActionId, DbError> {
    let row: Option<Due> = sql("INSERT INTO action_runs (checkout_id, id, order_id, action_id, level, type, name, config, status, revision, order_line_id,
             product_id, revokes, created_at, updated_at)
         SELECT checkout_id, $1, order_id, action_id, level, type, name, config, 'queued', revision, order_line_id, product_id, id,
             kassa_now($2), kassa_now($2)
         FROM action_runs WHERE checkout_id = $3 AND id = $4
         ON CONFLICT (checkout_id, revokes) WHERE revokes IS NOT NULL
         DO UPDATE SET status = 'queued', config = excluded.config, finished_at = NULL, updated_at = excluded.updated_at
         RETURNING id, type, order_line_id")
    .bind(ActionId::generate(tx.clock()))
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(undone)
    .row(tx.conn())
    .await?;
    row.map(|row| row.id).ok_or(DbError::Stale)
}

/// Ends a run with what a person has done in its place.
pub async fn deliver_by_hand(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<(), DbError> {
    sql(
        "UPDATE action_runs SET status = 'succeeded', waiting_for = NULL, last_error = NULL, updated_at = kassa_now($1),
             finished_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3 AND status IN ('waiting', 'failed')",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .exactly_one(tx.conn())
    .await
}

/// Locks the runs of a line.
pub async fn lock_of_line(tx: &Tx, checkout: CheckoutId, line: LineId) -> Result<(), DbError> {
    sql("SELECT 1 FROM action_runs WHERE checkout_id = $1 AND order_line_id = $2 ORDER BY id FOR UPDATE")
        .bind(checkout)
        .bind(line)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Ends what would still take away access that has been given back: of lines that are not returned, and of the offer if `offer` says so.
pub async fn cancel_revocations(
    tx: &Tx,
    checkout: CheckoutId,
    order: OrderId,
    offer: bool,
) -> Result<Vec<Due>, DbError> {
    sql("UPDATE action_runs r SET status = 'cancelled', finished_at = kassa_now($1), updated_at = kassa_now($1)
         WHERE r.checkout_id = $2 AND r.order_id = $3 AND r.revokes IS NOT NULL AND r.status IN ('queued', 'running', 'failed')
             AND CASE WHEN r.order_line_id IS NULL THEN $4 ELSE NOT EXISTS (SELECT 1 FROM order_lines l
                 WHERE l.checkout_id = r.checkout_id AND l.id = r.order_line_id AND l.returned_at IS NOT NULL) END
         RETURNING r.id, r.type, r.order_line_id")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .bind(offer)
    .rows(tx.conn())
    .await
}
