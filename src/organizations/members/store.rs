//! Every query on the members of an organization.

use super::model::Member;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{OrganizationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::permission::OrganizationRole;

/// A member.
pub(in crate::organizations) async fn find(
    conn: &Conn,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<Member>, DbError> {
    sql("SELECT m.user_id, u.name, u.email, m.role, m.created_at, m.updated_at
         FROM organization_members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND m.user_id = $2")
    .bind(organization)
    .bind(user)
    .row(conn)
    .await
}

/// A page of members, the latest accounts first.
pub(super) async fn page(
    conn: &Conn,
    organization: OrganizationId,
    page: &PageRequest,
) -> Result<Page<Member>, DbError> {
    let rows = sql("SELECT m.user_id, u.name, u.email, m.role, m.created_at, m.updated_at
         FROM organization_members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.user_id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY m.user_id DESC LIMIT $3")
    .bind(organization)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &Member| row.user_id.uuid()))
}

/// How many owners there are. Counted under the organization's lock only: two who leave at once would both count two.
pub(super) async fn owners(tx: &Tx, organization: OrganizationId) -> Result<usize, DbError> {
    sql("SELECT 1 FROM organization_members WHERE organization_id = $1 AND role = 'owner'")
        .bind(organization)
        .execute(tx.conn())
        .await
}

pub(super) async fn set_role(
    tx: &Tx,
    organization: OrganizationId,
    user: UserId,
    role: OrganizationRole,
) -> Result<(), DbError> {
    sql("UPDATE organization_members SET role = $1, updated_at = kassa_now($2) WHERE organization_id = $3 AND user_id = $4")
        .bind(role)
        .bind(tx.offset_ms())
        .bind(organization)
        .bind(user)
        .exactly_one(tx.conn())
        .await
}

/// Removes a member, and with the row, by its foreign key, every role of theirs in the organization's checkouts.
pub(super) async fn delete(tx: &Tx, organization: OrganizationId, user: UserId) -> Result<(), DbError> {
    sql("DELETE FROM organization_members WHERE organization_id = $1 AND user_id = $2")
        .bind(organization)
        .bind(user)
        .exactly_one(tx.conn())
        .await
}

/// An owner of the organization of a checkout, who has proved their address.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Owner {
    /// Their address.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub email: crate::kernel::text::Email,
    /// What the checkout is called.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub checkout: String,
}

/// Who is told what a merchant should know about a checkout.
pub async fn owners_of_checkout(conn: &Conn, checkout: crate::kernel::ids::CheckoutId) -> Result<Vec<Owner>, DbError> {
    sql("SELECT u.email, c.name AS checkout FROM checkouts c
         JOIN organization_members m ON m.organization_id = c.organization_id AND m.role = 'owner'
         JOIN users u ON u.id = m.user_id AND u.email_verified_at IS NOT NULL
         WHERE c.id = $1 ORDER BY u.id")
    .bind(checkout)
    .rows(conn)
    .await
}
