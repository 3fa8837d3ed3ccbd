//! Every query on users, keys and what they may reach.

use uuid::Uuid;

use super::model::{ApiKey, Membership, OwnOrganization, User, VisibleCheckout};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId, UserId};
use crate::kernel::page::PageRequest;

pub(super) async fn user_by_email(conn: &Conn, folded: &str) -> Result<Option<User>, DbError> {
    sql("SELECT id, name, email, password_hash FROM users WHERE email_folded = $1")
        .bind(folded)
        .row(conn)
        .await
}

pub(super) async fn user(conn: &Conn, id: UserId) -> Result<Option<User>, DbError> {
    sql("SELECT id, name, email, password_hash FROM users WHERE id = $1")
        .bind(id)
        .row(conn)
        .await
}

pub(super) async fn insert_user(tx: &Tx, user: &User) -> Result<(), DbError> {
    sql(
        "INSERT INTO users (id, name, email, email_folded, password_hash, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, kassa_now($6), kassa_now($6))",
    )
    .bind(user.id)
    .bind(&user.name)
    .bind(&user.email)
    .bind(user.email.folded())
    .bind(user.password_hash.as_str())
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn insert_api_key(tx: &Tx, key: &ApiKey) -> Result<(), DbError> {
    sql("INSERT INTO api_keys (organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id,
             checkout_role, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, kassa_now($11))")
        .bind(key.organization_id)
        .bind(key.id)
        .bind(&key.name)
        .bind(&key.secret_hash[..])
        .bind(key.last4.as_str())
        .bind(key.test_mode)
        .bind(key.organization_role)
        .bind(key.checkout_id)
        .bind(key.checkout_role)
        .bind(key.expires_at)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

/// A key that has not ended.
pub(super) async fn live_api_key(
    conn: &Conn,
    offset_ms: i64,
    organization: OrganizationId,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, DbError> {
    sql("SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, checkout_role, expires_at
         FROM api_keys WHERE organization_id = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > kassa_now($3))")
        .bind(organization)
        .bind(id)
        .bind(offset_ms)
        .row(conn)
        .await
}

/// Whether a checkout belongs to an organization.
pub(super) async fn owns_checkout(
    conn: &Conn,
    organization: OrganizationId,
    checkout: CheckoutId,
) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM checkouts WHERE id = $1 AND organization_id = $2")
        .bind(checkout)
        .bind(organization)
        .execute(conn)
        .await?;
    Ok(found == 1)
}

/// What a user is in a checkout; `None` when there is no such checkout.
pub(super) async fn membership(conn: &Conn, user: UserId, checkout: CheckoutId) -> Result<Option<Membership>, DbError> {
    sql("SELECT om.role AS organization_role, cm.role AS checkout_role
         FROM checkouts c
         LEFT JOIN organization_members om ON om.organization_id = c.organization_id AND om.user_id = $1
         LEFT JOIN checkout_members cm ON cm.checkout_id = c.id AND cm.user_id = $1
         WHERE c.id = $2")
    .bind(user)
    .bind(checkout)
    .row(conn)
    .await
}

pub(super) async fn organizations_of_user(conn: &Conn, user: UserId) -> Result<Vec<OwnOrganization>, DbError> {
    sql(
        "SELECT o.id, o.name, m.role FROM organization_members m JOIN organizations o ON o.id = m.organization_id
         WHERE m.user_id = $1 ORDER BY o.id DESC LIMIT 100",
    )
    .bind(user)
    .rows(conn)
    .await
}

/// Checkouts a user may see: by role in the organization, or invited.
pub(super) async fn checkouts_of_user(
    conn: &Conn,
    user: UserId,
    page: &PageRequest,
) -> Result<Vec<VisibleCheckout>, DbError> {
    sql("SELECT c.id, c.organization_id, c.name, c.slug,
                CASE WHEN om.role IN ('owner', 'admin') THEN 'admin' ELSE cm.role END AS role
         FROM (SELECT c.id FROM organization_members m JOIN checkouts c ON c.organization_id = m.organization_id
               WHERE m.user_id = $1 AND m.role IN ('owner', 'admin')
               UNION SELECT checkout_id FROM checkout_members WHERE user_id = $1) seen
         JOIN checkouts c ON c.id = seen.id
         LEFT JOIN organization_members om ON om.organization_id = c.organization_id AND om.user_id = $1
         LEFT JOIN checkout_members cm ON cm.checkout_id = c.id AND cm.user_id = $1
         WHERE c.id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY c.id DESC LIMIT $3")
    .bind(user)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await
}

/// Checkouts a key may see: one, or all of its organization.
pub(super) async fn checkouts_of_key(
    conn: &Conn,
    organization: OrganizationId,
    id: ApiKeyId,
    page: &PageRequest,
) -> Result<Vec<VisibleCheckout>, DbError> {
    sql("SELECT c.id, c.organization_id, c.name, c.slug, coalesce(k.checkout_role, 'admin') AS role
         FROM api_keys k JOIN checkouts c ON c.organization_id = k.organization_id AND c.id = coalesce(k.checkout_id, c.id)
         WHERE k.organization_id = $1 AND k.id = $2 AND (k.checkout_id IS NOT NULL OR k.organization_role IN ('owner', 'admin'))
           AND c.id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY c.id DESC LIMIT $4")
        .bind(organization)
        .bind(id)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await
}

/// The id a list of checkouts goes by.
pub(super) fn key_of(row: &VisibleCheckout) -> Uuid {
    row.id.uuid()
}

/// The oldest key of that name in an organization.
pub async fn api_key_named(conn: &Conn, organization: OrganizationId, name: &str) -> Result<Option<ApiKey>, DbError> {
    sql("SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, checkout_role, expires_at
         FROM api_keys WHERE organization_id = $1 AND name = $2 ORDER BY id LIMIT 1")
        .bind(organization)
        .bind(name)
        .row(conn)
        .await
}
