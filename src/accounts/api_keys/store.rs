//! Every query on API keys.

use super::model::{ApiKey, KeyDetail, KeyRole};
use crate::accounts::model::{KeyStanding, Sight, VisibleCheckout};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{ApiKeyId, CheckoutId, OrganizationId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::tenant::Tenant;

pub(super) async fn insert(tx: &Tx, detail: &KeyDetail) -> Result<(), DbError> {
    let key = &detail.key;
    sql("INSERT INTO api_keys (organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, expires_at,
             made_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, kassa_now($11))")
        .bind(key.organization_id)
        .bind(key.id)
        .bind(&key.name)
        .bind(&key.secret_hash[..])
        .bind(key.last4.as_str())
        .bind(key.test_mode)
        .bind(key.organization_role)
        .bind(key.checkout_id)
        .bind(key.expires_at)
        .bind(key.made_by)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await?;
    if detail.roles.is_empty() {
        return Ok(());
    }
    sql(
        "INSERT INTO api_key_checkouts (organization_id, api_key_id, checkout_id, role)
         SELECT $1, $2, r.* FROM unnest($3::uuid[], $4::text[]) r",
    )
    .bind(key.organization_id)
    .bind(key.id)
    .bind(detail.roles.iter().map(|role| role.checkout_id).collect::<Vec<_>>())
    .bind(
        detail
            .roles
            .iter()
            .map(|role| role.role.as_str().to_owned())
            .collect::<Vec<_>>(),
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Which of these checkouts belong to the organization.
pub(super) async fn checkouts_of(
    conn: &Conn,
    organization: OrganizationId,
    ids: Vec<CheckoutId>,
) -> Result<Vec<CheckoutId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkouts)]
    struct Row {
        id: CheckoutId,
    }
    let rows: Vec<Row> =
        sql("SELECT id FROM checkouts WHERE organization_id = $1 AND id = ANY($2) AND deleted_at IS NULL")
            .bind(organization)
            .bind(ids)
            .rows(conn)
            .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What a key is in the tenant named; `None` when it has ended, or its organization has.
pub(in crate::accounts) async fn standing(
    conn: &Conn,
    offset_ms: i64,
    organization: OrganizationId,
    id: ApiKeyId,
    tenant: Option<Tenant>,
) -> Result<Option<KeyStanding>, DbError> {
    let (named, checkout) = match tenant {
        None => (None, None),
        Some(Tenant::Organization(organization)) => (Some(organization), None),
        Some(Tenant::Checkout(checkout)) => (None, Some(checkout)),
    };
    sql("SELECT k.secret_hash, k.test_mode,
                (k.last_used_at IS NULL OR k.last_used_at < kassa_now($1 - 60000)) AS touch,
                CASE WHEN k.organization_id = $2 OR c.id IS NOT NULL THEN k.organization_id END AS tenant_id,
                k.organization_role, kc.role AS checkout_role
         FROM api_keys k
         JOIN organizations o ON o.id = k.organization_id AND o.deleted_at IS NULL
         LEFT JOIN checkouts c ON c.id = $3 AND c.organization_id = k.organization_id AND c.deleted_at IS NULL
         LEFT JOIN api_key_checkouts kc ON kc.organization_id = k.organization_id AND kc.api_key_id = k.id AND kc.checkout_id = c.id
         WHERE k.organization_id = $4 AND k.id = $5 AND k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR k.expires_at > kassa_now($1))")
        .bind(offset_ms)
        .bind(named)
        .bind(checkout)
        .bind(organization)
        .bind(id)
        .row(conn)
        .await
}

/// Notes that a key is in use.
pub(in crate::accounts) async fn touch(
    conn: &Conn,
    offset_ms: i64,
    organization: OrganizationId,
    id: ApiKeyId,
) -> Result<(), DbError> {
    sql("UPDATE api_keys SET last_used_at = kassa_now($1) WHERE organization_id = $2 AND id = $3")
        .bind(offset_ms)
        .bind(organization)
        .bind(id)
        .execute(conn)
        .await
        .map(drop)
}

/// A key that has not been revoked.
pub async fn find(conn: &Conn, organization: OrganizationId, id: ApiKeyId) -> Result<Option<KeyDetail>, DbError> {
    let key = sql(
        "SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, expires_at,
                last_used_at, created_at, made_by
         FROM api_keys WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL",
    )
    .bind(organization)
    .bind(id)
    .row::<ApiKey>(conn);
    let (key, roles) = futures_util::try_join!(key, roles(conn, organization, vec![id]))?;
    Ok(key.map(|key| KeyDetail { key, roles }))
}

async fn roles(conn: &Conn, organization: OrganizationId, keys: Vec<ApiKeyId>) -> Result<Vec<KeyRole>, DbError> {
    sql("SELECT api_key_id, checkout_id, role FROM api_key_checkouts WHERE organization_id = $1 AND api_key_id = ANY($2)
         ORDER BY api_key_id, checkout_id")
    .bind(organization)
    .bind(keys)
    .rows(conn)
    .await
}

/// The keys of the organization itself, or those of one checkout, newest first.
pub(super) async fn page(
    conn: &Conn,
    organization: OrganizationId,
    checkout: Option<CheckoutId>,
    page: &PageRequest,
) -> Result<Page<KeyDetail>, DbError> {
    let rows: Vec<ApiKey> = match checkout {
        None => {
            sql("SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, expires_at,
                    last_used_at, created_at, made_by
                 FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL
                   AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $3")
                .bind(organization)
                .bind(page.after)
                .bind(page.fetch_limit())
                .rows(conn)
                .await?
        }
        Some(checkout) => {
            sql("SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, expires_at,
                    last_used_at, created_at, made_by
                 FROM api_keys WHERE organization_id = $1 AND checkout_id = $2 AND revoked_at IS NULL
                   AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4")
                .bind(organization)
                .bind(checkout)
                .bind(page.after)
                .bind(page.fetch_limit())
                .rows(conn)
                .await?
        }
    };
    let page = Page::cut(rows, page, |row| row.id.uuid());
    let ids: Vec<ApiKeyId> = page.rows.iter().map(|row| row.id).collect();
    let roles = roles(conn, organization, ids).await?;
    Ok(page.map(|key| KeyDetail {
        roles: roles.iter().filter(|role| role.api_key_id == key.id).cloned().collect(),
        key,
    }))
}

/// Reads a key that makes another, and keeps it from being revoked until that one is written.
pub(super) async fn hold(tx: &Tx, organization: OrganizationId, id: ApiKeyId) -> Result<Option<ApiKey>, DbError> {
    sql(
        "SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, expires_at,
                last_used_at, created_at, made_by
         FROM api_keys WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL FOR SHARE",
    )
    .bind(organization)
    .bind(id)
    .row(tx.conn())
    .await
}

/// Locks the keys that those given made and that are not revoked, and names them.
pub(super) async fn lock_made_by(
    tx: &Tx,
    organization: OrganizationId,
    makers: &[ApiKeyId],
) -> Result<Vec<ApiKeyId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::api_keys)]
    struct Row {
        id: ApiKeyId,
    }
    let rows: Vec<Row> = sql(
        "SELECT id FROM api_keys WHERE organization_id = $1 AND made_by = ANY($2) AND revoked_at IS NULL
                              ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(organization)
    .bind(makers.to_vec())
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Revokes keys; returns how many were not.
pub(super) async fn revoke(tx: &Tx, organization: OrganizationId, ids: &[ApiKeyId]) -> Result<usize, DbError> {
    sql("UPDATE api_keys SET revoked_at = kassa_now($1) WHERE organization_id = $2 AND id = ANY($3) AND revoked_at IS NULL")
        .bind(tx.offset_ms())
        .bind(organization)
        .bind(ids.to_vec())
        .execute(tx.conn())
        .await
}

/// Checkouts a key may see: one, some, or all of its organization.
pub(in crate::accounts) async fn checkouts_of_key(
    conn: &Conn,
    organization: OrganizationId,
    id: ApiKeyId,
    sight: &Sight,
    page: &PageRequest,
) -> Result<Vec<VisibleCheckout>, DbError> {
    sql("SELECT c.id, c.organization_id, c.name, c.slug, c.created_at, c.updated_at,
                CASE WHEN k.organization_role IN ('owner', 'admin') THEN 'admin' ELSE kc.role END AS role
         FROM api_keys k
         JOIN checkouts c ON c.organization_id = k.organization_id AND c.deleted_at IS NULL
         LEFT JOIN api_key_checkouts kc ON kc.organization_id = k.organization_id AND kc.api_key_id = k.id AND kc.checkout_id = c.id
         WHERE k.organization_id = $1 AND k.id = $2 AND (k.organization_role IN ('owner', 'admin') OR kc.role IS NOT NULL)
           AND c.id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
           AND (NOT $4 OR c.organization_id = ANY($5) OR c.id = ANY($6)) ORDER BY c.id DESC LIMIT $7")
        .bind(organization)
        .bind(id)
        .bind(page.after)
        .bind(sight.narrowed)
        .bind(&sight.organizations)
        .bind(&sight.checkouts)
        .bind(page.fetch_limit())
        .rows(conn)
        .await
}

/// The oldest key of that name in an organization.
pub async fn named(conn: &Conn, organization: OrganizationId, name: &str) -> Result<Option<ApiKey>, DbError> {
    sql(
        "SELECT organization_id, id, name, secret_hash, last4, test_mode, organization_role, checkout_id, expires_at,
                last_used_at, created_at, made_by
         FROM api_keys WHERE organization_id = $1 AND name = $2 ORDER BY id LIMIT 1",
    )
    .bind(organization)
    .bind(name)
    .row(conn)
    .await
}
