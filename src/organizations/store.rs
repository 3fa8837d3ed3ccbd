//! Every query on organizations.

use super::model::{ListedOrganization, NewOrganization, Organization};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{ApiKeyId, OrganizationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::permission::OrganizationRole;

/// An organization that has not been deleted.
pub async fn find(conn: &Conn, id: OrganizationId) -> Result<Option<Organization>, DbError> {
    sql("SELECT o.id, o.name, o.country, o.business_id, o.vat_number, o.address, o.logo_url, o.education_provider, o.vat_registered,
                o.union_oss, o.registrations, o.unverified_vat, o.policies, o.metadata, o.status,
                array_remove(ARRAY[
                    CASE WHEN b.name IS NULL THEN 'name' END, CASE WHEN b.email IS NULL THEN 'email' END,
                    CASE WHEN b.street IS NULL THEN 'street' END, CASE WHEN b.city IS NULL THEN 'city' END,
                    CASE WHEN b.postal_code IS NULL THEN 'postal_code' END, CASE WHEN b.country IS NULL THEN 'country' END
                ], NULL) AS missing_details,
                (c.organization_id IS NOT NULL) AS card_present, o.created_at, o.updated_at
         FROM organizations o
         LEFT JOIN billing_details b ON b.organization_id = o.id
         LEFT JOIN payment_cards c ON c.organization_id = o.id
         WHERE o.id = $1 AND o.deleted_at IS NULL")
        .bind(id)
        .row(conn)
        .await
}

/// Locks an organization: the first lock of everything that changes its people or whether it may sell.
pub async fn lock(tx: &Tx, id: OrganizationId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM organizations WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE")
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

pub(super) async fn insert(tx: &Tx, organization: &NewOrganization) -> Result<(), DbError> {
    sql(
        "INSERT INTO organizations (id, name, country, address, union_oss, created_at, updated_at)
         VALUES ($1, $2, $3, CASE WHEN $3::text IS NOT NULL THEN jsonb_build_object('country', $3::text) END, $4,
             kassa_now($5), kassa_now($5))",
    )
    .bind(organization.id)
    .bind(&organization.name)
    .bind(organization.country)
    .bind(organization.union_oss)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Keeps everything but what activation decides.
pub(super) async fn update(tx: &Tx, organization: &Organization) -> Result<(), DbError> {
    sql("UPDATE organizations SET name = $1, country = $2, business_id = $3, vat_number = $4, address = $5, logo_url = $6,
             education_provider = $7, vat_registered = $8, union_oss = $9, registrations = $10, unverified_vat = $11, policies = $12,
             metadata = $13, updated_at = kassa_now($14)
         WHERE id = $15 AND deleted_at IS NULL")
        .bind(&organization.name)
        .bind(organization.country)
        .bind(&organization.business_id)
        .bind(&organization.vat_number)
        .bind(&organization.address)
        .bind(organization.logo_url.as_deref())
        .bind(organization.education_provider)
        .bind(organization.vat_registered)
        .bind(organization.union_oss)
        .bind(&organization.registrations)
        .bind(organization.unverified_vat)
        .bind(&organization.policies)
        .bind(&organization.metadata)
        .bind(tx.offset_ms())
        .bind(organization.id)
        .exactly_one(tx.conn())
        .await
}

/// Whether the organization still has a checkout.
pub(super) async fn has_checkouts(tx: &Tx, id: OrganizationId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM checkouts WHERE organization_id = $1 AND deleted_at IS NULL LIMIT 1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found > 0)
}

pub(super) async fn delete(tx: &Tx, id: OrganizationId) -> Result<(), DbError> {
    sql("UPDATE organizations SET deleted_at = kassa_now($1), updated_at = kassa_now($1) WHERE id = $2 AND deleted_at IS NULL")
        .bind(tx.offset_ms())
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// The organizations of a user, newest first.
pub(super) async fn of_user(
    conn: &Conn,
    user: UserId,
    page: &PageRequest,
) -> Result<Page<ListedOrganization>, DbError> {
    let rows = sql("SELECT o.id, o.name, m.role, o.created_at, o.updated_at
         FROM organization_members m JOIN organizations o ON o.id = m.organization_id AND o.deleted_at IS NULL
         WHERE m.user_id = $1 AND m.organization_id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY m.organization_id DESC LIMIT $3")
    .bind(user)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &ListedOrganization| row.id.uuid()))
}

/// The one organization of a key.
pub(super) async fn of_key(
    conn: &Conn,
    organization: OrganizationId,
    key: ApiKeyId,
    page: &PageRequest,
) -> Result<Page<ListedOrganization>, DbError> {
    let rows = sql(
        "SELECT o.id, o.name, k.organization_role AS role, o.created_at, o.updated_at
         FROM api_keys k JOIN organizations o ON o.id = k.organization_id AND o.deleted_at IS NULL
         WHERE k.organization_id = $1 AND k.id = $2 AND k.organization_role IS NOT NULL
           AND o.id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')",
    )
    .bind(organization)
    .bind(key)
    .bind(page.after)
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &ListedOrganization| row.id.uuid()))
}

/// Makes somebody a member; false for who is one already and stays what they are.
pub(super) async fn insert_member(
    tx: &Tx,
    organization: OrganizationId,
    user: UserId,
    role: OrganizationRole,
) -> Result<bool, DbError> {
    let inserted = sql(
        "INSERT INTO organization_members (organization_id, user_id, role, created_at, updated_at)
         VALUES ($1, $2, $3, kassa_now($4), kassa_now($4)) ON CONFLICT DO NOTHING",
    )
    .bind(organization)
    .bind(user)
    .bind(role)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    Ok(inserted == 1)
}
