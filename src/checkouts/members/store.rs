//! Every query on the people of a checkout.

use super::model::CheckoutMember;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, OrganizationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::permission::CheckoutRole;
use crate::kernel::text::Email;

/// A person in a checkout, by whatever right.
pub(super) async fn find(
    conn: &Conn,
    organization: OrganizationId,
    checkout: CheckoutId,
    user: UserId,
) -> Result<Option<CheckoutMember>, DbError> {
    sql("SELECT u.id AS user_id, u.name, u.email, CASE WHEN om.role IN ('owner', 'admin') THEN 'admin' ELSE cm.role END AS role,
                om.role IN ('owner', 'admin') AS implied, coalesce(cm.created_at, om.created_at) AS created_at,
                coalesce(cm.updated_at, om.updated_at) AS updated_at
         FROM organization_members om JOIN users u ON u.id = om.user_id
         LEFT JOIN checkout_members cm ON cm.checkout_id = $1 AND cm.user_id = om.user_id
         WHERE om.organization_id = $2 AND om.user_id = $3 AND (om.role IN ('owner', 'admin') OR cm.role IS NOT NULL)")
        .bind(checkout)
        .bind(organization)
        .bind(user)
        .row(conn)
        .await
}

/// A page of the people in a checkout, the latest accounts first.
pub(super) async fn page(
    conn: &Conn,
    organization: OrganizationId,
    checkout: CheckoutId,
    page: &PageRequest,
) -> Result<Page<CheckoutMember>, DbError> {
    let rows = sql("SELECT u.id AS user_id, u.name, u.email, CASE WHEN om.role IN ('owner', 'admin') THEN 'admin' ELSE cm.role END AS role,
                om.role IN ('owner', 'admin') AS implied, coalesce(cm.created_at, om.created_at) AS created_at,
                coalesce(cm.updated_at, om.updated_at) AS updated_at
         FROM organization_members om JOIN users u ON u.id = om.user_id
         LEFT JOIN checkout_members cm ON cm.checkout_id = $1 AND cm.user_id = om.user_id
         WHERE om.organization_id = $2 AND (om.role IN ('owner', 'admin') OR cm.role IS NOT NULL)
           AND om.user_id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY om.user_id DESC LIMIT $4")
        .bind(checkout)
        .bind(organization)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    Ok(Page::cut(rows, page, |row: &CheckoutMember| row.user_id.uuid()))
}

/// The member of the organization with this address.
pub(super) async fn member_by_email(
    conn: &Conn,
    organization: OrganizationId,
    email: &Email,
) -> Result<Option<UserId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::users)]
    struct Row {
        id: UserId,
    }
    let row: Option<Row> = sql(
        "SELECT u.id FROM users u JOIN organization_members m ON m.user_id = u.id AND m.organization_id = $1
         WHERE u.email_folded = $2",
    )
    .bind(organization)
    .bind(email.folded())
    .row(conn)
    .await?;
    Ok(row.map(|row| row.id))
}

/// Gives a member of the organization a role in a checkout; a second one is refused by the key of the table.
pub(super) async fn insert(
    tx: &Tx,
    organization: OrganizationId,
    checkout: CheckoutId,
    user: UserId,
    role: CheckoutRole,
) -> Result<(), DbError> {
    sql(
        "INSERT INTO checkout_members (organization_id, checkout_id, user_id, role, created_at, updated_at)
         VALUES ($1, $2, $3, $4, kassa_now($5), kassa_now($5))",
    )
    .bind(organization)
    .bind(checkout)
    .bind(user)
    .bind(role)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn set_role(tx: &Tx, checkout: CheckoutId, user: UserId, role: CheckoutRole) -> Result<(), DbError> {
    sql("UPDATE checkout_members SET role = $1, updated_at = kassa_now($2) WHERE checkout_id = $3 AND user_id = $4")
        .bind(role)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(user)
        .exactly_one(tx.conn())
        .await
}

pub(super) async fn delete(tx: &Tx, checkout: CheckoutId, user: UserId) -> Result<(), DbError> {
    sql("DELETE FROM checkout_members WHERE checkout_id = $1 AND user_id = $2")
        .bind(checkout)
        .bind(user)
        .exactly_one(tx.conn())
        .await
}
