//! Every query on organizations and their members.

use super::model::Organization;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{OrganizationId, UserId};
use crate::kernel::permission::OrganizationRole;

pub(super) async fn insert(tx: &Tx, organization: &Organization) -> Result<(), DbError> {
    sql(
        "INSERT INTO organizations (id, name, country, vat_registered, union_oss, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, kassa_now($6), kassa_now($6))",
    )
    .bind(organization.id)
    .bind(&organization.name)
    .bind(organization.country)
    .bind(organization.vat_registered)
    .bind(organization.union_oss)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

pub(super) async fn insert_member(
    tx: &Tx,
    organization: OrganizationId,
    user: UserId,
    role: OrganizationRole,
) -> Result<(), DbError> {
    sql("INSERT INTO organization_members (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, kassa_now($4))")
        .bind(organization)
        .bind(user)
        .bind(role)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}
