//! Every query on billing details, payment cards and suspension.

use super::model::{BillingDetails, NewCard, PaymentCard};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{JobId, OrganizationId};
use crate::organizations::model::OrganizationStatus;

/// The billing details, empty when there are none.
pub(super) async fn billing(conn: &Conn, organization: OrganizationId) -> Result<BillingDetails, DbError> {
    let row =
        sql("SELECT name, email, street, city, postal_code, country FROM billing_details WHERE organization_id = $1")
            .bind(organization)
            .row(conn)
            .await?;
    Ok(row.unwrap_or_default())
}

pub(super) async fn put_billing(
    tx: &Tx,
    organization: OrganizationId,
    details: &BillingDetails,
) -> Result<(), DbError> {
    sql("INSERT INTO billing_details (organization_id, name, email, street, city, postal_code, country, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, kassa_now($8), kassa_now($8))
         ON CONFLICT (organization_id) DO UPDATE SET name = excluded.name, email = excluded.email, street = excluded.street,
             city = excluded.city, postal_code = excluded.postal_code, country = excluded.country, updated_at = excluded.updated_at")
        .bind(organization)
        .bind(&details.name)
        .bind(&details.email)
        .bind(&details.street)
        .bind(&details.city)
        .bind(&details.postal_code)
        .bind(details.country)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

/// The card on file.
pub(super) async fn card(conn: &Conn, organization: OrganizationId) -> Result<Option<PaymentCard>, DbError> {
    sql("SELECT provider, provider_customer, provider_reference, brand, last4, exp_month, exp_year, created_at, updated_at
         FROM payment_cards WHERE organization_id = $1")
    .bind(organization)
    .row(conn)
    .await
}

pub(super) async fn put_card(tx: &Tx, organization: OrganizationId, card: &NewCard) -> Result<(), DbError> {
    sql("INSERT INTO payment_cards (organization_id, provider, provider_customer, provider_reference, brand, last4, exp_month,
             exp_year, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kassa_now($9), kassa_now($9))
         ON CONFLICT (organization_id) DO UPDATE SET provider = excluded.provider, provider_customer = excluded.provider_customer,
             provider_reference = excluded.provider_reference, brand = excluded.brand, last4 = excluded.last4,
             exp_month = excluded.exp_month, exp_year = excluded.exp_year, updated_at = excluded.updated_at")
        .bind(organization)
        .bind(card.provider)
        .bind(card.customer.as_deref())
        .bind(card.reference.as_str())
        .bind(card.brand.as_str())
        .bind(card.last4.as_str())
        .bind(card.exp_month)
        .bind(card.exp_year)
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

pub(super) async fn delete_card(tx: &Tx, organization: OrganizationId) -> Result<(), DbError> {
    sql("DELETE FROM payment_cards WHERE organization_id = $1")
        .bind(organization)
        .exactly_one(tx.conn())
        .await
}

/// A card that is off file and still with Stripe, claimed.
#[derive(Clone, Debug, diesel::QueryableByName)]
#[diesel(table_name = crate::db::schema::detached_cards)]
pub(super) struct DetachedCard {
    pub organization_id: OrganizationId,
    pub id: JobId,
    pub provider_reference: String,
    pub generation: i32,
    pub attempts: i32,
}

/// Writes down that a card is to be taken from its customer.
pub(super) async fn detach(tx: &Tx, organization: OrganizationId, reference: &str) -> Result<(), DbError> {
    sql(
        "INSERT INTO detached_cards (organization_id, id, provider_reference, run_at, created_at)
         VALUES ($1, $2, $3, kassa_now($4), kassa_now($4))",
    )
    .bind(organization)
    .bind(JobId::generate(tx.clock()))
    .bind(reference)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes back that a card is to be detached; false when that has begun.
pub(super) async fn keep_attached(tx: &Tx, organization: OrganizationId, reference: &str) -> Result<bool, DbError> {
    sql("DELETE FROM detached_cards WHERE organization_id = $1 AND provider_reference = $2 AND generation = 0")
        .bind(organization)
        .bind(reference)
        .execute(tx.conn())
        .await?;
    let begun = sql("SELECT 1 FROM detached_cards WHERE organization_id = $1 AND provider_reference = $2")
        .bind(organization)
        .bind(reference)
        .execute(tx.conn())
        .await?;
    Ok(begun == 0)
}

/// Claims up to eight cards that are due to be detached, for a minute.
pub(super) async fn claim_detached(conn: &Conn, offset_ms: i64) -> Result<Vec<DetachedCard>, DbError> {
    sql("WITH due AS (
             SELECT organization_id, id FROM detached_cards WHERE run_at <= kassa_now($1)
             ORDER BY run_at LIMIT 8 FOR UPDATE SKIP LOCKED
         )
         UPDATE detached_cards d SET generation = generation + 1, attempts = attempts + 1, run_at = kassa_now($1 + 60000)
         FROM due WHERE d.organization_id = due.organization_id AND d.id = due.id
         RETURNING d.organization_id, d.id, d.provider_reference, d.generation, d.attempts")
    .bind(offset_ms)
    .rows(conn)
    .await
}

/// Forgets a card that is detached, or that nothing can be done about.
pub(super) async fn finish_detached(conn: &Conn, card: &DetachedCard) -> Result<(), DbError> {
    sql("DELETE FROM detached_cards WHERE organization_id = $1 AND id = $2 AND generation = $3")
        .bind(card.organization_id)
        .bind(card.id)
        .bind(card.generation)
        .execute(conn)
        .await
        .map(drop)
}

/// Tries again in `delay_ms`.
pub(super) async fn retry_detached(
    conn: &Conn,
    offset_ms: i64,
    card: &DetachedCard,
    delay_ms: i64,
    error: &str,
) -> Result<(), DbError> {
    sql("UPDATE detached_cards SET run_at = kassa_now($1 + $2), last_error = $3
         WHERE organization_id = $4 AND id = $5 AND generation = $6")
    .bind(offset_ms)
    .bind(delay_ms)
    .bind(error)
    .bind(card.organization_id)
    .bind(card.id)
    .bind(card.generation)
    .execute(conn)
    .await
    .map(drop)
}

pub(super) async fn set_status(
    tx: &Tx,
    organization: OrganizationId,
    status: OrganizationStatus,
) -> Result<(), DbError> {
    sql("UPDATE organizations SET status = $1, updated_at = kassa_now($2) WHERE id = $3")
        .bind(status)
        .bind(tx.offset_ms())
        .bind(organization)
        .exactly_one(tx.conn())
        .await
}

/// Suspends an organization, or with no reason lifts its suspension.
pub(super) async fn set_suspended(tx: &Tx, organization: OrganizationId, reason: Option<&str>) -> Result<(), DbError> {
    sql("UPDATE organizations SET suspended_at = CASE WHEN $1::text IS NULL THEN NULL ELSE coalesce(suspended_at, kassa_now($2)) END,
             suspended_for = $1, updated_at = kassa_now($2)
         WHERE id = $3")
        .bind(reason)
        .bind(tx.offset_ms())
        .bind(organization)
        .exactly_one(tx.conn())
        .await
}

/// Whether the operator has suspended an organization.
pub(super) async fn is_suspended(tx: &Tx, organization: OrganizationId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM organizations WHERE id = $1 AND suspended_at IS NOT NULL")
        .bind(organization)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}
