//! Every query on actions as a checkout has them.

use diesel::QueryableByName;

use crate::actions::model::{Action, ActionLevel, ActionType};
use crate::catalog::products::model::CatalogStatus;
use crate::db::error::DbError;
use crate::db::schema::actions;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{ActionId, CheckoutId};
use crate::kernel::page::{Page, PageRequest};
use uuid::Uuid;

/// A page of actions, newest first.
pub(super) async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    status: CatalogStatus,
    page: &PageRequest,
) -> Result<Page<Action>, DbError> {
    let rows = sql("SELECT id, level, owner_id, type, name, enabled, run_in_test, config, secrets, archived_at, created_at, updated_at
         FROM actions WHERE checkout_id = $1 AND (archived_at IS NOT NULL) = $2
             AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4")
        .bind(checkout)
        .bind(status == CatalogStatus::Archived)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    Ok(Page::cut(rows, page, |row: &Action| row.id.uuid()))
}

/// One action.
pub async fn find(conn: &Conn, checkout: CheckoutId, id: ActionId) -> Result<Option<Action>, DbError> {
    sql("SELECT id, level, owner_id, type, name, enabled, run_in_test, config, secrets, archived_at, created_at, updated_at
         FROM actions WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(id)
        .row(conn)
        .await
}

/// One action, locked for a change.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: ActionId) -> Result<Option<Action>, DbError> {
    sql("SELECT id, level, owner_id, type, name, enabled, run_in_test, config, secrets, archived_at, created_at, updated_at
         FROM actions WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(checkout)
        .bind(id)
        .row(tx.conn())
        .await
}

/// Whether the product or offer is there.
pub(super) async fn owner_exists(
    tx: &Tx,
    checkout: CheckoutId,
    level: ActionLevel,
    owner: Uuid,
) -> Result<bool, DbError> {
    let text = match level {
        ActionLevel::Product => "SELECT 1 FROM products WHERE checkout_id = $1 AND id = $2",
        ActionLevel::Offer => "SELECT 1 FROM offers WHERE checkout_id = $1 AND id = $2",
        ActionLevel::Checkout => return Ok(false),
    };
    let found = sql(text).bind(checkout).bind(owner).execute(tx.conn()).await?;
    Ok(found == 1)
}

/// Writes a new action; false when its product is licensed already.
pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, action: &Action) -> Result<bool, DbError> {
    let written = sql("INSERT INTO actions (checkout_id, id, level, owner_id, type, name, enabled, run_in_test, config, secrets, created_at,
             updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, kassa_now($11), kassa_now($11))
         ON CONFLICT (checkout_id, owner_id) WHERE type = 'license' AND archived_at IS NULL DO NOTHING")
        .bind(checkout)
        .bind(action.id)
        .bind(action.level)
        .bind(action.owner_id)
        .bind(action.action_type)
        .bind(&action.name)
        .bind(action.enabled)
        .bind(action.run_in_test)
        .bind(&action.config)
        .bind(action.secrets.as_deref())
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    Ok(written == 1)
}

/// Writes what may change of an action.
pub(super) async fn update(tx: &Tx, checkout: CheckoutId, action: &Action) -> Result<(), DbError> {
    sql("UPDATE actions SET name = $1, enabled = $2, run_in_test = $3, config = $4, secrets = $5, updated_at = kassa_now($6)
         WHERE checkout_id = $7 AND id = $8")
        .bind(&action.name)
        .bind(action.enabled)
        .bind(action.run_in_test)
        .bind(&action.config)
        .bind(action.secrets.as_deref())
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(action.id)
        .exactly_one(tx.conn())
        .await
}

/// Puts an action away.
pub(super) async fn archive(tx: &Tx, checkout: CheckoutId, id: ActionId) -> Result<(), DbError> {
    sql("UPDATE actions SET archived_at = kassa_now($1), updated_at = kassa_now($1) WHERE checkout_id = $2 AND id = $3")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// Takes an action back into use.
pub(super) async fn restore(tx: &Tx, checkout: CheckoutId, id: ActionId) -> Result<(), DbError> {
    sql("UPDATE actions SET archived_at = NULL, updated_at = kassa_now($1) WHERE checkout_id = $2 AND id = $3")
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// Has a product say how it is licensed: the same as its action of type `license`.
pub(super) async fn tell_product(tx: &Tx, checkout: CheckoutId, action: &Action) -> Result<(), DbError> {
    let (ActionType::License, Some(product)) = (action.action_type, action.owner_id) else {
        return Ok(());
    };
    let config = action.archived_at.is_none().then_some(&action.config);
    sql("UPDATE products SET license = $1, updated_at = kassa_now($2) WHERE checkout_id = $3 AND id = $4 AND license IS DISTINCT FROM $1")
        .bind(config)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(product)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// The sealed part of an action.
#[derive(Clone, QueryableByName)]
#[diesel(table_name = actions)]
pub(super) struct Sealed {
    pub checkout_id: CheckoutId,
    pub id: ActionId,
    #[diesel(sql_type = diesel::sql_types::Binary)]
    pub secrets: Vec<u8>,
}

/// Some actions whose secrets were not sealed by the newest key.
pub(super) async fn under_old_keys(tx: &Tx, newest: i32) -> Result<Vec<Sealed>, DbError> {
    sql(
        "SELECT checkout_id, id, secrets FROM actions WHERE secrets IS NOT NULL AND get_byte(secrets, 0) <> $1
         LIMIT 100 FOR UPDATE SKIP LOCKED",
    )
    .bind(newest)
    .rows(tx.conn())
    .await
}

/// Writes secrets that were sealed anew; nothing that a person sees changes.
pub(super) async fn reseal(tx: &Tx, row: &Sealed, secrets: &[u8]) -> Result<(), DbError> {
    sql("UPDATE actions SET secrets = $1 WHERE checkout_id = $2 AND id = $3")
        .bind(secrets)
        .bind(row.checkout_id)
        .bind(row.id)
        .exactly_one(tx.conn())
        .await
}
