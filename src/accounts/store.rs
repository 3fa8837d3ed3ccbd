//! Every query on users, their sign-ins and what they may reach.

use uuid::Uuid;

use super::model::{OwnOrganization, RevokedFor, Sight, SignIn, User, UserStanding, VisibleCheckout};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{OrganizationId, SignInId, UserId};
use crate::kernel::page::PageRequest;
use crate::kernel::tenant::Tenant;
use crate::kernel::text::Name;

/// How long a sign-in lives after its last use, in milliseconds: thirty days.
pub(super) const SIGN_IN_MS: i64 = 30 * 24 * 3_600_000;

/// The user with a folded address.
pub async fn user_by_email(conn: &Conn, folded: &str) -> Result<Option<User>, DbError> {
    sql("SELECT id, name, email, password_hash, email_verified_at, created_at, updated_at FROM users WHERE email_folded = $1")
        .bind(folded)
        .row(conn)
        .await
}

/// A user.
pub async fn user(conn: &Conn, id: UserId) -> Result<Option<User>, DbError> {
    sql("SELECT id, name, email, password_hash, email_verified_at, created_at, updated_at FROM users WHERE id = $1")
        .bind(id)
        .row(conn)
        .await
}

/// Locks a user and reads them.
pub(super) async fn lock_user(tx: &Tx, id: UserId) -> Result<Option<User>, DbError> {
    sql("SELECT id, name, email, password_hash, email_verified_at, created_at, updated_at FROM users WHERE id = $1 FOR NO KEY UPDATE")
        .bind(id)
        .row(tx.conn())
        .await
}

pub(super) async fn insert_user(tx: &Tx, user: &User) -> Result<(), DbError> {
    sql(
        "INSERT INTO users (id, name, email, email_folded, password_hash, email_verified_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, kassa_now($7), kassa_now($7))",
    )
    .bind(user.id)
    .bind(&user.name)
    .bind(&user.email)
    .bind(user.email.folded())
    .bind(user.password_hash.as_deref())
    .bind(user.email_verified_at)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Replaces or removes a password.
pub(super) async fn set_password(tx: &Tx, user: UserId, hash: Option<&str>) -> Result<(), DbError> {
    sql("UPDATE users SET password_hash = $1, updated_at = kassa_now($2) WHERE id = $3")
        .bind(hash)
        .bind(tx.offset_ms())
        .bind(user)
        .exactly_one(tx.conn())
        .await
}

/// Notes that a mail for a lost password is queued for a user; no when one was less than a minute ago.
pub(super) async fn take_reset_mail(tx: &Tx, user: UserId) -> Result<bool, DbError> {
    let taken = sql("UPDATE users SET reset_mailed_at = kassa_now($1)
                     WHERE id = $2 AND (reset_mailed_at IS NULL OR reset_mailed_at <= kassa_now($1 - 60000))")
    .bind(tx.offset_ms())
    .bind(user)
    .execute(tx.conn())
    .await?;
    Ok(taken == 1)
}

/// Notes that the address of a user is theirs; the first proof counts.
pub async fn verify_email(tx: &Tx, user: UserId) -> Result<(), DbError> {
    sql("UPDATE users SET email_verified_at = coalesce(email_verified_at, kassa_now($1)), updated_at = kassa_now($1) WHERE id = $2")
        .bind(tx.offset_ms())
        .bind(user)
        .exactly_one(tx.conn())
        .await
}

pub(super) async fn insert_sign_in(tx: &Tx, user: UserId, id: SignInId) -> Result<(), DbError> {
    sql(
        "INSERT INTO sign_ins (user_id, id, generation, expires_at, created_at, updated_at)
         VALUES ($1, $2, 1, kassa_now($3 + $4), kassa_now($3), kassa_now($3))",
    )
    .bind(user)
    .bind(id)
    .bind(tx.offset_ms())
    .bind(SIGN_IN_MS)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Locks a sign-in that has not ended by time.
pub(super) async fn lock_sign_in(tx: &Tx, user: UserId, id: SignInId) -> Result<Option<SignIn>, DbError> {
    sql("SELECT user_id, id, generation, expires_at, revoked_at FROM sign_ins
         WHERE user_id = $1 AND id = $2 AND expires_at > kassa_now($3) FOR NO KEY UPDATE")
    .bind(user)
    .bind(id)
    .bind(tx.offset_ms())
    .row(tx.conn())
    .await
}

/// The next generation, from the one given.
pub(super) async fn rotate(tx: &Tx, sign_in: &SignIn) -> Result<(), DbError> {
    sql(
        "UPDATE sign_ins SET generation = generation + 1, expires_at = kassa_now($1 + $2), updated_at = kassa_now($1)
         WHERE user_id = $3 AND id = $4 AND generation = $5 AND revoked_at IS NULL",
    )
    .bind(tx.offset_ms())
    .bind(SIGN_IN_MS)
    .bind(sign_in.user_id)
    .bind(sign_in.id)
    .bind(sign_in.generation)
    .exactly_one(tx.conn())
    .await
}

/// Ends one sign-in of a user, unless it has ended.
pub(super) async fn revoke(tx: &Tx, user: UserId, id: SignInId, why: RevokedFor) -> Result<(), DbError> {
    sql(
        "UPDATE sign_ins SET revoked_at = kassa_now($1), revoked_for = $2, updated_at = kassa_now($1)
         WHERE user_id = $3 AND id = $4 AND revoked_at IS NULL",
    )
    .bind(tx.offset_ms())
    .bind(why)
    .bind(user)
    .bind(id)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Ends every sign-in of a user but one.
pub(super) async fn revoke_others(
    tx: &Tx,
    user: UserId,
    but: Option<SignInId>,
    why: RevokedFor,
) -> Result<(), DbError> {
    sql(
        "UPDATE sign_ins SET revoked_at = kassa_now($1), revoked_for = $2, updated_at = kassa_now($1)
         WHERE user_id = $3 AND id IS DISTINCT FROM $4 AND revoked_at IS NULL",
    )
    .bind(tx.offset_ms())
    .bind(why)
    .bind(user)
    .bind(but)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Forgets sign-ins that ended by time; returns how many.
pub async fn forget_old_sign_ins(tx: &Tx) -> Result<usize, DbError> {
    sql("DELETE FROM sign_ins WHERE expires_at < kassa_now($1)")
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
}

/// The user whom an issuer knows by a subject.
pub(super) async fn user_by_identity(conn: &Conn, issuer: &str, subject: &str) -> Result<Option<User>, DbError> {
    sql("SELECT u.id, u.name, u.email, u.password_hash, u.email_verified_at, u.created_at, u.updated_at FROM user_identities i JOIN users u ON u.id = i.user_id
         WHERE i.issuer = $1 AND i.subject = $2")
        .bind(issuer)
        .bind(subject)
        .row(conn)
        .await
}

/// The subject by which an issuer knows a user.
pub(super) async fn subject_of(tx: &Tx, user: UserId, issuer: &str) -> Result<Option<String>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::user_identities)]
    struct Row {
        subject: String,
    }
    let row: Option<Row> =
        sql("SELECT subject FROM user_identities WHERE user_id = $1 AND issuer = $2 ORDER BY subject LIMIT 1")
            .bind(user)
            .bind(issuer)
            .row(tx.conn())
            .await?;
    Ok(row.map(|row| row.subject))
}

pub(super) async fn insert_identity(tx: &Tx, issuer: &str, subject: &str, user: UserId) -> Result<(), DbError> {
    sql("INSERT INTO user_identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, kassa_now($4))")
        .bind(issuer)
        .bind(subject)
        .bind(user)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

/// What a user is in the tenant named; `None` when the user is gone or the sign-in has ended.
pub(super) async fn standing(
    conn: &Conn,
    offset_ms: i64,
    user: UserId,
    sign_in: Option<SignInId>,
    tenant: Option<Tenant>,
) -> Result<Option<UserStanding>, DbError> {
    match tenant {
        None => {
            sql("SELECT NULL::uuid AS organization_id, NULL::text AS organization_role, NULL::text AS checkout_role FROM users u
                 WHERE u.id = $1 AND ($2::uuid IS NULL OR EXISTS (SELECT 1 FROM sign_ins s
                     WHERE s.user_id = u.id AND s.id = $2 AND s.revoked_at IS NULL AND s.expires_at > kassa_now($3)))")
                .bind(user)
                .bind(sign_in)
                .bind(offset_ms)
                .row(conn)
                .await
        }
        Some(Tenant::Organization(organization)) => {
            sql("SELECT o.id AS organization_id, om.role AS organization_role, NULL::text AS checkout_role FROM users u
                 LEFT JOIN organizations o ON o.id = $1 AND o.deleted_at IS NULL
                 LEFT JOIN organization_members om ON om.organization_id = o.id AND om.user_id = u.id
                 WHERE u.id = $2 AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM sign_ins s
                     WHERE s.user_id = u.id AND s.id = $3 AND s.revoked_at IS NULL AND s.expires_at > kassa_now($4)))")
                .bind(organization)
                .bind(user)
                .bind(sign_in)
                .bind(offset_ms)
                .row(conn)
                .await
        }
        Some(Tenant::Checkout(checkout)) => {
            sql("SELECT c.organization_id, om.role AS organization_role, cm.role AS checkout_role FROM users u
                 LEFT JOIN checkouts c ON c.id = $1 AND c.deleted_at IS NULL
                 LEFT JOIN organization_members om ON om.organization_id = c.organization_id AND om.user_id = u.id
                 LEFT JOIN checkout_members cm ON cm.checkout_id = c.id AND cm.user_id = u.id
                 WHERE u.id = $2 AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM sign_ins s
                     WHERE s.user_id = u.id AND s.id = $3 AND s.revoked_at IS NULL AND s.expires_at > kassa_now($4)))")
                .bind(checkout)
                .bind(user)
                .bind(sign_in)
                .bind(offset_ms)
                .row(conn)
                .await
        }
    }
}

/// What a user is in an organization, for what names it in its body.
pub(super) async fn standing_in(
    conn: &Conn,
    user: UserId,
    organization: OrganizationId,
) -> Result<Option<UserStanding>, DbError> {
    sql(
        "SELECT o.id AS organization_id, om.role AS organization_role, NULL::text AS checkout_role
         FROM organizations o LEFT JOIN organization_members om ON om.organization_id = o.id AND om.user_id = $1
         WHERE o.id = $2 AND o.deleted_at IS NULL",
    )
    .bind(user)
    .bind(organization)
    .row(conn)
    .await
}

pub(super) async fn organizations_of_user(conn: &Conn, user: UserId) -> Result<Vec<OwnOrganization>, DbError> {
    sql(
        "SELECT o.id, o.name, m.role FROM organization_members m JOIN organizations o ON o.id = m.organization_id
         WHERE m.user_id = $1 AND o.deleted_at IS NULL ORDER BY o.id DESC LIMIT 100",
    )
    .bind(user)
    .rows(conn)
    .await
}

/// The name of an organization.
pub(super) async fn organization_name(conn: &Conn, organization: OrganizationId) -> Result<Option<Name>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::organizations)]
    struct Row {
        name: Name,
    }
    let row: Option<Row> = sql("SELECT name FROM organizations WHERE id = $1")
        .bind(organization)
        .row(conn)
        .await?;
    Ok(row.map(|row| row.name))
}

/// Checkouts a user may see: by role in the organization, or one by one.
pub(super) async fn checkouts_of_user(
    conn: &Conn,
    user: UserId,
    organization: Option<OrganizationId>,
    sight: &Sight,
    page: &PageRequest,
) -> Result<Vec<VisibleCheckout>, DbError> {
    sql("SELECT c.id, c.organization_id, c.name, c.slug, c.created_at, c.updated_at,
                CASE WHEN om.role IN ('owner', 'admin') THEN 'admin' ELSE cm.role END AS role
         FROM (SELECT c.id FROM organization_members m JOIN checkouts c ON c.organization_id = m.organization_id
               WHERE m.user_id = $1 AND m.role IN ('owner', 'admin')
               UNION SELECT checkout_id FROM checkout_members WHERE user_id = $1) seen
         JOIN checkouts c ON c.id = seen.id AND c.deleted_at IS NULL
         LEFT JOIN organization_members om ON om.organization_id = c.organization_id AND om.user_id = $1
         LEFT JOIN checkout_members cm ON cm.checkout_id = c.id AND cm.user_id = $1
         WHERE c.id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AND c.organization_id = coalesce($3, c.organization_id)
           AND (NOT $4 OR c.organization_id = ANY($5) OR c.id = ANY($6))
         ORDER BY c.id DESC LIMIT $7")
    .bind(user)
    .bind(page.after)
    .bind(organization)
    .bind(sight.narrowed)
    .bind(&sight.organizations)
    .bind(&sight.checkouts)
    .bind(page.fetch_limit())
    .rows(conn)
    .await
}

/// The id a list of checkouts goes by.
pub(super) fn key_of(row: &VisibleCheckout) -> Uuid {
    row.id.uuid()
}
