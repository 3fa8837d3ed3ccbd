//! Every query on checkouts.

use super::model::{AllowedOrigins, Checkout, CheckoutStatus, NewRow};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{ActionId, CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::text::Slug;
use crate::organizations::model::OrganizationStatus;
use crate::organizations::policies::Policies;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.organization_id, o.status AS organization_status, o.policies AS organization_policies, c.name, c.slug,
                c.status, c.domain, c.return_origins, c.max_holds_per_address, c.country, c.default_currency, c.currencies,
                c.default_locale, c.locales, c.prices_include_tax, c.storefront_url, c.allowed_origins, c.support_email,
                c.mail_from_name, c.mail_from_email, c.policies, c.hold_seconds, c.payment_hold_seconds, c.unpaid_order_ttl_days,
                c.payment_reminder_enabled, c.payment_reminder_after_hours, c.attention_after_seconds, c.analytics_consent,
                c.metadata, c.version, c.created_at, c.updated_at
             FROM checkouts c JOIN organizations o ON o.id = c.organization_id ",
            $rest
        )
    };
}

/// A checkout by its id.
pub async fn find(conn: &Conn, id: CheckoutId) -> Result<Option<Checkout>, DbError> {
    sql(select!("WHERE c.id = $1 AND c.deleted_at IS NULL"))
        .bind(id)
        .row(conn)
        .await
}

/// A checkout by its slug.
pub async fn find_by_slug(conn: &Conn, slug: &Slug) -> Result<Option<Checkout>, DbError> {
    sql(select!(
        "JOIN checkout_slugs s ON s.checkout_id = c.id WHERE s.slug = $1 AND c.deleted_at IS NULL"
    ))
    .bind(slug)
    .row(conn)
    .await
}

/// Every checkout of an organization that the merchant has opened, locked: for the moment in which the organization may sell or
/// may sell no more.
pub async fn lock_open(tx: &Tx, organization: OrganizationId) -> Result<Vec<Checkout>, DbError> {
    sql(select!(
        "WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status = 'open' ORDER BY c.id FOR NO KEY UPDATE OF c"
    ))
    .bind(organization)
    .rows(tx.conn())
    .await
}

/// Locks a checkout and reads it.
pub async fn lock(tx: &Tx, id: CheckoutId) -> Result<Option<Checkout>, DbError> {
    sql(select!(
        "WHERE c.id = $1 AND c.deleted_at IS NULL FOR NO KEY UPDATE OF c"
    ))
    .bind(id)
    .row(tx.conn())
    .await
}

/// Locks a checkout against everything that refers to it, and reads it: waits for orders being made, and makes new ones wait.
pub(super) async fn lock_whole(tx: &Tx, id: CheckoutId) -> Result<Option<Checkout>, DbError> {
    sql(select!("WHERE c.id = $1 AND c.deleted_at IS NULL FOR UPDATE OF c"))
        .bind(id)
        .row(tx.conn())
        .await
}

pub(super) async fn insert(tx: &Tx, checkout: &NewRow) -> Result<(), DbError> {
    insert_slug(tx, checkout.id, &checkout.slug).await?;
    sql(
        "INSERT INTO checkouts (id, organization_id, name, slug, status, country, default_currency, currencies, default_locale,
             locales, storefront_url, support_email, mail_from_name, mail_from_email, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'open', $5, $6, ARRAY[$6], $7, ARRAY[$7], $8, $9, $3, $9, kassa_now($10), kassa_now($10))",
    )
    .bind(checkout.id)
    .bind(checkout.organization_id)
    .bind(&checkout.name)
    .bind(&checkout.slug)
    .bind(checkout.country)
    .bind(checkout.default_currency)
    .bind(&checkout.default_locale)
    .bind(checkout.storefront_url.as_deref())
    .bind(&checkout.support_email)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The action that every checkout is born with: the receipt, which is also the confirmation of the order. Written here because
/// the room of actions stands below this one.
pub(super) async fn insert_receipt_action(tx: &Tx, id: CheckoutId) -> Result<(), DbError> {
    sql(
        "INSERT INTO actions (checkout_id, id, level, type, name, enabled, run_in_test, created_at, updated_at)
         VALUES ($1, $2, 'checkout', 'receipt_email', 'Receipt', true, true, kassa_now($3), kassa_now($3))",
    )
    .bind(id)
    .bind(ActionId::generate(tx.clock()))
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Gives a checkout an address. Those it had before go on leading to it.
pub(super) async fn insert_slug(tx: &Tx, id: CheckoutId, slug: &Slug) -> Result<(), DbError> {
    sql("INSERT INTO checkout_slugs (slug, checkout_id) VALUES ($1, $2)")
        .bind(slug)
        .bind(id)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Which checkout an address leads to, whether or not it is still there.
pub(super) async fn owner_of_slug(tx: &Tx, slug: &Slug) -> Result<Option<CheckoutId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkout_slugs)]
    struct Row {
        checkout_id: CheckoutId,
    }
    let row: Option<Row> = sql("SELECT checkout_id FROM checkout_slugs WHERE slug = $1")
        .bind(slug)
        .row(tx.conn())
        .await?;
    Ok(row.map(|row| row.checkout_id))
}

/// Keeps every setting.
pub async fn update(tx: &Tx, checkout: &Checkout) -> Result<(), DbError> {
    sql("UPDATE checkouts SET name = $1, slug = $2, status = $3, domain = $4, return_origins = $5, max_holds_per_address = $6,
             country = $7, default_currency = $8, currencies = $9, default_locale = $10, locales = $11, prices_include_tax = $12,
             storefront_url = $13, allowed_origins = $14, support_email = $15, mail_from_name = $16, mail_from_email = $17,
             policies = $18, hold_seconds = $19, payment_hold_seconds = $20, unpaid_order_ttl_days = $21,
             payment_reminder_enabled = $22, payment_reminder_after_hours = $23, attention_after_seconds = $24,
             analytics_consent = $25, metadata = $26, version = $27, updated_at = kassa_now($28)
         WHERE id = $29 AND deleted_at IS NULL")
        .bind(&checkout.name)
        .bind(&checkout.slug)
        .bind(checkout.status)
        .bind(checkout.domain.as_deref())
        .bind(&checkout.return_origins)
        .bind(checkout.max_holds_per_address)
        .bind(checkout.country)
        .bind(checkout.default_currency)
        .bind(&checkout.currencies)
        .bind(&checkout.default_locale)
        .bind(&checkout.locales)
        .bind(checkout.prices_include_tax)
        .bind(checkout.storefront_url.as_deref())
        .bind(&checkout.allowed_origins)
        .bind(&checkout.support_email)
        .bind(&checkout.mail_from_name)
        .bind(&checkout.mail_from_email)
        .bind(&checkout.policies)
        .bind(checkout.hold_seconds)
        .bind(checkout.payment_hold_seconds)
        .bind(checkout.unpaid_order_ttl_days)
        .bind(checkout.payment_reminder_enabled)
        .bind(checkout.payment_reminder_after_hours)
        .bind(checkout.attention_after_seconds)
        .bind(checkout.analytics_consent)
        .bind(&checkout.metadata)
        .bind(checkout.version)
        .bind(tx.offset_ms())
        .bind(checkout.id)
        .exactly_one(tx.conn())
        .await
}

/// Counts that checkouts have closed or opened, and returns nothing: who calls has them locked.
pub async fn bump(tx: &Tx, organization: OrganizationId, ids: Vec<CheckoutId>) -> Result<(), DbError> {
    sql("UPDATE checkouts SET version = version + 1, updated_at = kassa_now($1) WHERE organization_id = $2 AND id = ANY($3)")
        .bind(tx.offset_ms())
        .bind(organization)
        .bind(ids)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Whether a checkout has live orders.
pub(super) async fn has_live_orders(tx: &Tx, id: CheckoutId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM orders WHERE checkout_id = $1 AND NOT test_mode LIMIT 1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found > 0)
}

/// How many checkouts an organization has. Counted under its lock only.
pub(super) async fn count(tx: &Tx, organization: OrganizationId) -> Result<usize, DbError> {
    sql("SELECT 1 FROM checkouts WHERE organization_id = $1 AND deleted_at IS NULL")
        .bind(organization)
        .execute(tx.conn())
        .await
}

/// Puts a checkout away; its addresses become free.
pub(super) async fn delete(tx: &Tx, id: CheckoutId) -> Result<(), DbError> {
    sql("DELETE FROM checkout_slugs WHERE checkout_id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    sql("UPDATE checkouts SET deleted_at = kassa_now($1), updated_at = kassa_now($1) WHERE id = $2 AND deleted_at IS NULL")
        .bind(tx.offset_ms())
        .bind(id)
        .exactly_one(tx.conn())
        .await
}

/// Whether a checkout sells, read in one row.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
pub(super) struct Selling {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub status: CheckoutStatus,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub organization_status: OrganizationStatus,
}

/// Whether a checkout sells; `None` when it is gone. It stays where it is until the transaction ends; that it refers to the
/// checkout takes the same lock, only later.
pub(super) async fn selling(conn: &Conn, id: CheckoutId) -> Result<Option<Selling>, DbError> {
    sql("SELECT c.status, o.status AS organization_status FROM checkouts c JOIN organizations o ON o.id = c.organization_id
         WHERE c.id = $1 AND c.deleted_at IS NULL FOR KEY SHARE OF c")
    .bind(id)
    .row(conn)
    .await
}

/// How long a code is held without activity, in seconds.
pub(super) async fn hold_seconds(conn: &Conn, id: CheckoutId) -> Result<Option<i32>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkouts)]
    struct Row {
        hold_seconds: i32,
    }
    let row: Option<Row> = sql("SELECT hold_seconds FROM checkouts WHERE id = $1")
        .bind(id)
        .row(conn)
        .await?;
    Ok(row.map(|row| row.hold_seconds))
}

/// The texts that buyers of a checkout agree to: its own, and where it has none the organization's.
pub async fn policies(conn: &Conn, id: CheckoutId) -> Result<Policies, DbError> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        policies: serde_json::Value,
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        organization_policies: serde_json::Value,
    }
    let row: Option<Row> = sql("SELECT c.policies, o.policies AS organization_policies
         FROM checkouts c JOIN organizations o ON o.id = c.organization_id WHERE c.id = $1")
    .bind(id)
    .row(conn)
    .await?;
    Ok(row.map_or_else(Policies::default, |row| {
        Policies::from_json(row.policies).or(Policies::from_json(row.organization_policies))
    }))
}

/// Which web pages may call a checkout.
pub(super) async fn allowed_origins(conn: &Conn, id: CheckoutId) -> Result<Option<AllowedOrigins>, DbError> {
    sql("SELECT allowed_origins FROM checkouts WHERE id = $1 AND deleted_at IS NULL")
        .bind(id)
        .row(conn)
        .await
}

/// Which web pages may call the checkout of a slug.
pub(super) async fn allowed_origins_by_slug(conn: &Conn, slug: &Slug) -> Result<Option<AllowedOrigins>, DbError> {
    sql("SELECT c.allowed_origins FROM checkout_slugs s JOIN checkouts c ON c.id = s.checkout_id WHERE s.slug = $1")
        .bind(slug)
        .row(conn)
        .await
}

/// The language of a checkout.
pub async fn default_locale(conn: &Conn, id: CheckoutId) -> Result<Locale, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::checkouts)]
    struct Row {
        default_locale: Locale,
    }
    let row: Option<Row> = sql("SELECT default_locale FROM checkouts WHERE id = $1")
        .bind(id)
        .row(conn)
        .await?;
    row.map(|row| row.default_locale).ok_or(DbError::Stale)
}
