//! Every query on checkouts.

use super::model::Checkout;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::CheckoutId;
use crate::kernel::text::Slug;

/// A checkout by its id.
pub async fn find(conn: &Conn, id: CheckoutId) -> Result<Option<Checkout>, DbError> {
    sql(
        "SELECT id, organization_id, name, slug, status, country, default_currency, default_locale, prices_include_tax,
                storefront_url, support_email, mail_from_name, mail_from_email, created_at, updated_at
         FROM checkouts WHERE id = $1",
    )
    .bind(id)
    .row(conn)
    .await
}

pub(super) async fn insert(tx: &Tx, checkout: &Checkout) -> Result<(), DbError> {
    sql("INSERT INTO checkout_slugs (slug, checkout_id) VALUES ($1, $2)")
        .bind(&checkout.slug)
        .bind(checkout.id)
        .execute(tx.conn())
        .await?;
    sql(
        "INSERT INTO checkouts (id, organization_id, name, slug, status, country, default_currency, default_locale,
             prices_include_tax, storefront_url, support_email, mail_from_name, mail_from_email, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, kassa_now($14), kassa_now($14))",
    )
    .bind(checkout.id)
    .bind(checkout.organization_id)
    .bind(&checkout.name)
    .bind(&checkout.slug)
    .bind(checkout.status)
    .bind(checkout.country)
    .bind(checkout.default_currency)
    .bind(&checkout.default_locale)
    .bind(checkout.prices_include_tax)
    .bind(checkout.storefront_url.as_deref())
    .bind(&checkout.support_email)
    .bind(&checkout.mail_from_name)
    .bind(&checkout.mail_from_email)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// A checkout by its slug.
pub async fn find_by_slug(conn: &Conn, slug: &Slug) -> Result<Option<Checkout>, DbError> {
    sql("SELECT c.id, c.organization_id, c.name, c.slug, c.status, c.country, c.default_currency, c.default_locale,
                c.prices_include_tax, c.storefront_url, c.support_email, c.mail_from_name, c.mail_from_email, c.created_at, c.updated_at
         FROM checkout_slugs s JOIN checkouts c ON c.id = s.checkout_id WHERE s.slug = $1")
        .bind(slug)
        .row(conn)
        .await
}
