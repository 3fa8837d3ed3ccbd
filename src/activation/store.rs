//! Every query on billing details, payment cards and suspension.

use super::model::{BillingDetails, NewCard, PaymentCard};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::OrganizationId;
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
