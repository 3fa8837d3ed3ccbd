//! Every query on actions and their runs.

use futures_util::future::try_join_all;

use super::model::{Action, ActionRun, RunStatus};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::clock::{Clock, Instant};
use crate::kernel::ids::{ActionId, CheckoutId, OrderId};

/// The checkout-level actions that an order of this mode freezes.
pub async fn enabled_for(conn: &Conn, checkout: CheckoutId, test_mode: bool) -> Result<Vec<Action>, DbError> {
    sql("SELECT id, level, type, name, run_in_test, config FROM actions
         WHERE checkout_id = $1 AND level = 'checkout' AND enabled AND (run_in_test OR NOT $2) ORDER BY id")
    .bind(checkout)
    .bind(test_mode)
    .rows(conn)
    .await
}

/// The runs of a new order, one for each action, waiting for it to be paid.
pub fn frozen(clock: &Clock, order: OrderId, actions: &[Action], at: Instant) -> Vec<ActionRun> {
    let runs = actions.iter().map(|action| ActionRun {
        id: ActionId::generate(clock),
        order_id: order,
        order_line_id: None,
        level: action.level,
        action_type: action.action_type,
        name: action.name.clone(),
        status: RunStatus::Frozen,
        attempts: 0,
        last_error: None,
        created_at: at,
        updated_at: at,
    });
    runs.collect()
}

/// Freezes actions on an order: each action with the run that [`frozen`] made of it.
pub async fn freeze(tx: &Tx, checkout: CheckoutId, actions: &[Action], runs: &[ActionRun]) -> Result<(), DbError> {
    let written = actions.iter().zip(runs).map(|(action, run)| {
        sql("INSERT INTO action_runs (checkout_id, id, order_id, action_id, level, type, name, config, status, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, kassa_now($10), kassa_now($10))")
            .bind(checkout)
            .bind(run.id)
            .bind(run.order_id)
            .bind(action.id)
            .bind(run.level)
            .bind(run.action_type)
            .bind(&run.name)
            .bind(&action.config)
            .bind(run.status)
            .bind(tx.offset_ms())
            .execute(tx.conn())
    });
    try_join_all(written).await.map(drop)
}

/// The runs of an order, in the order of their making.
pub async fn of_order(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<ActionRun>, DbError> {
    sql(
        "SELECT id, order_id, order_line_id, level, type, name, status, attempts, last_error, created_at, updated_at
         FROM action_runs WHERE checkout_id = $1 AND order_id = $2 ORDER BY id",
    )
    .bind(checkout)
    .bind(order)
    .rows(conn)
    .await
}

/// Queues the frozen runs of an order that has just been paid; returns their ids.
pub async fn queue_frozen(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<Vec<ActionId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::action_runs)]
    struct Queued {
        id: ActionId,
    }
    let rows: Vec<Queued> = sql("UPDATE action_runs SET status = 'queued', updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND order_id = $3 AND status = 'frozen' RETURNING id")
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(order)
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
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

/// Marks a run as being worked on, one more attempt, and says of which order; `None` when there is nothing to do any more. A
/// run that a dead worker left `running` is taken over.
pub async fn begin(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<Option<OrderId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::action_runs)]
    struct Begun {
        order_id: OrderId,
    }
    let row: Option<Begun> = sql(
        "UPDATE action_runs SET status = 'running', attempts = attempts + 1, updated_at = kassa_now($1)
         WHERE checkout_id = $2 AND id = $3 AND status IN ('queued', 'running') RETURNING order_id",
    )
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .row(tx.conn())
    .await?;
    Ok(row.map(|row| row.order_id))
}

/// Records how a run ended, or that it is queued again.
pub async fn record(
    tx: &Tx,
    checkout: CheckoutId,
    run: ActionId,
    status: RunStatus,
    error: Option<&str>,
) -> Result<(), DbError> {
    sql(
        "UPDATE action_runs SET status = $1, last_error = $2, updated_at = kassa_now($3),
             finished_at = CASE WHEN $1 IN ('succeeded', 'failed') THEN kassa_now($3) END
         WHERE checkout_id = $4 AND id = $5 AND status = 'running'",
    )
    .bind(status)
    .bind(error)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(run)
    .exactly_one(tx.conn())
    .await
}

/// Whether every action of an order has succeeded.
pub async fn all_succeeded(tx: &Tx, checkout: CheckoutId, order: OrderId) -> Result<bool, DbError> {
    let open =
        sql("SELECT 1 FROM action_runs WHERE checkout_id = $1 AND order_id = $2 AND status <> 'succeeded' LIMIT 1")
            .bind(checkout)
            .bind(order)
            .execute(tx.conn())
            .await?;
    Ok(open == 0)
}

/// Makes a run due anew, whatever it was.
pub async fn queue_again(tx: &Tx, checkout: CheckoutId, run: ActionId) -> Result<(), DbError> {
    sql("UPDATE action_runs SET status = 'queued', finished_at = NULL, updated_at = kassa_now($1) WHERE checkout_id = $2 AND id = $3")
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
