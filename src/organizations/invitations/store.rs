//! Every query on invitations.

use super::model::Invitation;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, InvitationId, OrganizationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::text::Email;

/// How long an invitation holds, in milliseconds: two weeks.
const LIFETIME_MS: i64 = 14 * 24 * 3_600_000;

/// Which of these folded addresses belong to members already.
pub(super) async fn members_among(
    conn: &Conn,
    organization: OrganizationId,
    folded: Vec<String>,
) -> Result<Vec<String>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::users)]
    struct Row {
        email_folded: String,
    }
    let rows: Vec<Row> = sql("SELECT u.email_folded FROM users u
         JOIN organization_members m ON m.user_id = u.id AND m.organization_id = $1 WHERE u.email_folded = ANY($2)")
    .bind(organization)
    .bind(folded)
    .rows(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.email_folded).collect())
}

/// Which of these checkouts belong to the organization.
pub(super) async fn checkouts_among(
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

/// Takes back what is still open for these addresses: a new invitation takes its place, or who is meant has been removed.
pub(in crate::organizations) async fn replace(
    tx: &Tx,
    organization: OrganizationId,
    folded: Vec<String>,
) -> Result<(), DbError> {
    sql("UPDATE invitations SET status = 'withdrawn', updated_at = kassa_now($1)
         WHERE organization_id = $2 AND email_folded = ANY($3) AND status = 'pending'")
    .bind(tx.offset_ms())
    .bind(organization)
    .bind(folded)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Which of these folded addresses are invited as owners at this moment.
pub(super) async fn invited_as_owner(
    tx: &Tx,
    organization: OrganizationId,
    folded: Vec<String>,
) -> Result<Vec<String>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::invitations)]
    struct Row {
        email_folded: String,
    }
    let rows: Vec<Row> = sql("SELECT email_folded FROM invitations
         WHERE organization_id = $1 AND email_folded = ANY($2) AND status = 'pending' AND role = 'owner'
           AND expires_at > kassa_now($3)")
    .bind(organization)
    .bind(folded)
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.email_folded).collect())
}

/// How many invitations the organization made in the last 24 hours. Counted under its lock only.
pub(super) async fn made_today(tx: &Tx, organization: OrganizationId) -> Result<usize, DbError> {
    sql("SELECT 1 FROM invitations WHERE organization_id = $1 AND created_at > kassa_now($2) - interval '24 hours'")
        .bind(organization)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
}

/// Whether some owner of the organization has proved their address.
pub(super) async fn has_proved_owner(tx: &Tx, organization: OrganizationId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM organization_members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.role = 'owner' AND u.email_verified_at IS NOT NULL LIMIT 1")
    .bind(organization)
    .execute(tx.conn())
    .await?;
    Ok(found == 1)
}

/// Writes one invitation for each address and returns them as they are kept, in the same order.
pub(super) async fn insert(
    tx: &Tx,
    organization: OrganizationId,
    ids: &[InvitationId],
    emails: &[Email],
    role: OrganizationRole,
    checkout_roles: &serde_json::Value,
) -> Result<Vec<Invitation>, DbError> {
    let mut rows: Vec<Invitation> = sql(
        "INSERT INTO invitations (organization_id, id, email, email_folded, role, checkout_roles, status, expires_at, created_at,
             updated_at)
         SELECT $1, i.id, i.email, i.folded, $2, $3, 'pending', kassa_now($4 + $5), kassa_now($4), kassa_now($4)
         FROM unnest($6::uuid[], $7::text[], $8::text[]) i(id, email, folded)
         RETURNING organization_id, id, email, role, checkout_roles, status, expires_at, created_at, updated_at",
    )
    .bind(organization)
    .bind(role)
    .bind(checkout_roles)
    .bind(tx.offset_ms())
    .bind(LIFETIME_MS)
    .bind(ids)
    .bind(emails)
    .bind(emails.iter().map(Email::folded).collect::<Vec<_>>())
    .rows(tx.conn())
    .await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// A page of invitations, newest first.
pub(super) async fn page(
    conn: &Conn,
    organization: OrganizationId,
    page: &PageRequest,
) -> Result<Page<Invitation>, DbError> {
    let rows = sql(
        "SELECT organization_id, id, email, role, checkout_roles, status, expires_at, created_at, updated_at
         FROM invitations WHERE organization_id = $1 AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY id DESC LIMIT $3",
    )
    .bind(organization)
    .bind(page.after)
    .bind(page.fetch_limit())
    .rows(conn)
    .await?;
    Ok(Page::cut(rows, page, |row: &Invitation| row.id.uuid()))
}

/// Locks an invitation and reads it.
pub(super) async fn lock(
    tx: &Tx,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<Option<Invitation>, DbError> {
    sql(
        "SELECT organization_id, id, email, role, checkout_roles, status, expires_at, created_at, updated_at
         FROM invitations WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE",
    )
    .bind(organization)
    .bind(id)
    .row(tx.conn())
    .await
}

/// What still waits for an address in organizations that are still there, those locked first: the fifty that wait longest. Anybody
/// can invite any address, so there may be far more; they are accepted by the code of their mail.
pub(super) async fn lock_pending_for(tx: &Tx, folded: &str) -> Result<Vec<Invitation>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::organizations)]
    struct Row {
        id: OrganizationId,
    }
    let organizations: Vec<Row> = sql("SELECT o.id FROM organizations o
         WHERE o.deleted_at IS NULL AND o.id IN (
             SELECT i.organization_id FROM invitations i JOIN organizations live ON live.id = i.organization_id
             WHERE i.email_folded = $1 AND i.status = 'pending' AND i.expires_at > kassa_now($2) AND live.deleted_at IS NULL
             ORDER BY i.id LIMIT 50)
         ORDER BY o.id FOR NO KEY UPDATE OF o")
    .bind(folded)
    .bind(tx.offset_ms())
    .rows(tx.conn())
    .await?;
    sql(
        "SELECT organization_id, id, email, role, checkout_roles, status, expires_at, created_at, updated_at
         FROM invitations
         WHERE email_folded = $1 AND status = 'pending' AND expires_at > kassa_now($2) AND organization_id = ANY($3)
         ORDER BY organization_id, id FOR NO KEY UPDATE",
    )
    .bind(folded)
    .bind(tx.offset_ms())
    .bind(organizations.into_iter().map(|row| row.id).collect::<Vec<_>>())
    .rows(tx.conn())
    .await
}

pub(super) async fn withdraw(tx: &Tx, organization: OrganizationId, id: InvitationId) -> Result<(), DbError> {
    sql("UPDATE invitations SET status = 'withdrawn', updated_at = kassa_now($1)
         WHERE organization_id = $2 AND id = $3 AND status = 'pending'")
    .bind(tx.offset_ms())
    .bind(organization)
    .bind(id)
    .exactly_one(tx.conn())
    .await
}

/// Marks an invitation as accepted; a second time finds it gone.
pub(super) async fn accept(tx: &Tx, invitation: &Invitation, user: UserId) -> Result<(), DbError> {
    sql(
        "UPDATE invitations SET status = 'accepted', accepted_by = $1, updated_at = kassa_now($2)
         WHERE organization_id = $3 AND id = $4 AND status = 'pending'",
    )
    .bind(user)
    .bind(tx.offset_ms())
    .bind(invitation.organization_id)
    .bind(invitation.id)
    .exactly_one(tx.conn())
    .await
}

/// Gives a member roles in checkouts of the organization that are still there.
pub(super) async fn join_checkouts(
    tx: &Tx,
    organization: OrganizationId,
    user: UserId,
    roles: &[(CheckoutId, String)],
) -> Result<(), DbError> {
    sql(
        "INSERT INTO checkout_members (organization_id, checkout_id, user_id, role, created_at, updated_at)
         SELECT c.organization_id, c.id, $1, r.role, kassa_now($2), kassa_now($2)
         FROM unnest($3::uuid[], $4::text[]) r(checkout_id, role)
         JOIN checkouts c ON c.id = r.checkout_id AND c.organization_id = $5 AND c.deleted_at IS NULL
         ON CONFLICT (checkout_id, user_id) DO UPDATE SET role = excluded.role, updated_at = excluded.updated_at",
    )
    .bind(user)
    .bind(tx.offset_ms())
    .bind(roles.iter().map(|(checkout, _)| *checkout).collect::<Vec<_>>())
    .bind(roles.iter().map(|(_, role)| role.clone()).collect::<Vec<_>>())
    .bind(organization)
    .execute(tx.conn())
    .await
    .map(drop)
}
