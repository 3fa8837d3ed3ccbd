//! Every query on pages.

use diesel::QueryableByName;

use super::form::BillingForm;
use crate::db::error::DbError;
use crate::db::schema::checkout_pages;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::CheckoutId;

/// A page as it is kept.
#[derive(Clone, Debug, Default, QueryableByName)]
#[diesel(table_name = checkout_pages)]
pub struct PageRow {
    /// The look.
    pub style: serde_json::Value,
    /// The form.
    pub billing_form: serde_json::Value,
}

/// The page of a checkout; the defaults when it never said.
pub(super) async fn find(conn: &Conn, checkout: CheckoutId) -> Result<PageRow, DbError> {
    let row = sql("SELECT style, billing_form FROM checkout_pages WHERE checkout_id = $1")
        .bind(checkout)
        .row(conn)
        .await?;
    Ok(row.unwrap_or_default())
}

/// What the page asks buyers.
pub async fn billing_form(conn: &Conn, checkout: CheckoutId) -> Result<BillingForm, DbError> {
    Ok(BillingForm::from_json(find(conn, checkout).await?.billing_form))
}

pub(super) async fn put_style(tx: &Tx, checkout: CheckoutId, style: &serde_json::Value) -> Result<(), DbError> {
    sql(
        "INSERT INTO checkout_pages (checkout_id, style, created_at, updated_at) VALUES ($1, $2, kassa_now($3), kassa_now($3))
         ON CONFLICT (checkout_id) DO UPDATE SET style = excluded.style, updated_at = excluded.updated_at",
    )
    .bind(checkout)
    .bind(style)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn put_form(tx: &Tx, checkout: CheckoutId, fields: &serde_json::Value) -> Result<(), DbError> {
    sql(
        "INSERT INTO checkout_pages (checkout_id, billing_form, created_at, updated_at)
         VALUES ($1, $2, kassa_now($3), kassa_now($3))
         ON CONFLICT (checkout_id) DO UPDATE SET billing_form = excluded.billing_form, updated_at = excluded.updated_at",
    )
    .bind(checkout)
    .bind(fields)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}
