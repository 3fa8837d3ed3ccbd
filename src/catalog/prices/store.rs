//! Every query on prices and their history.

use serde_json::Value;
use uuid::Uuid;

use super::model::{PastPrice, Price, PriceOwner};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{AddOnId, CheckoutId, OfferItemId, ProductId, VariantId};

/// The prices of products, by currency.
pub async fn of_products(conn: &Conn, checkout: CheckoutId, ids: &[ProductId]) -> Result<Vec<Price>, DbError> {
    sql("SELECT product_id AS owner_id, NULL::uuid AS variant_id, currency, amount, discounted_amount, lowest_amount_30_days
         FROM product_prices WHERE checkout_id = $1 AND product_id = ANY($2) ORDER BY product_id, currency")
        .bind(checkout)
        .bind(ids)
        .rows(conn)
        .await
}

/// The prices of all variants of products, by currency.
pub async fn of_variants(conn: &Conn, checkout: CheckoutId, products: &[ProductId]) -> Result<Vec<Price>, DbError> {
    sql("SELECT x.variant_id AS owner_id, NULL::uuid AS variant_id, x.currency, x.amount, x.discounted_amount, x.lowest_amount_30_days
         FROM variants v JOIN variant_prices x ON x.checkout_id = v.checkout_id AND x.variant_id = v.id
         WHERE v.checkout_id = $1 AND v.product_id = ANY($2) ORDER BY x.variant_id, x.currency")
        .bind(checkout)
        .bind(products)
        .rows(conn)
        .await
}

/// The prices of offer items: those for all variants first, by currency.
pub async fn of_offer_items(conn: &Conn, checkout: CheckoutId, ids: &[OfferItemId]) -> Result<Vec<Price>, DbError> {
    sql("SELECT offer_item_id AS owner_id, variant_id, currency, amount, discounted_amount, lowest_amount_30_days
         FROM offer_item_prices WHERE checkout_id = $1 AND offer_item_id = ANY($2) ORDER BY offer_item_id, variant_key, currency")
        .bind(checkout)
        .bind(ids)
        .rows(conn)
        .await
}

/// The prices of add-ons, by currency.
pub async fn of_add_ons(conn: &Conn, checkout: CheckoutId, ids: &[AddOnId]) -> Result<Vec<Price>, DbError> {
    sql("SELECT add_on_id AS owner_id, NULL::uuid AS variant_id, currency, amount, discounted_amount, lowest_amount_30_days
         FROM add_on_prices WHERE checkout_id = $1 AND add_on_id = ANY($2) ORDER BY add_on_id, currency")
        .bind(checkout)
        .bind(ids)
        .rows(conn)
        .await
}

/// The prices of one owner.
pub(super) async fn of(tx: &Tx, checkout: CheckoutId, owner: PriceOwner) -> Result<Vec<Price>, DbError> {
    match owner {
        PriceOwner::Product(id) => of_products(tx.conn(), checkout, &[id]).await,
        PriceOwner::Variant(id) => {
            sql("SELECT variant_id AS owner_id, NULL::uuid AS variant_id, currency, amount, discounted_amount, lowest_amount_30_days
                 FROM variant_prices WHERE checkout_id = $1 AND variant_id = $2 ORDER BY currency")
                .bind(checkout)
                .bind(id)
                .rows(tx.conn())
                .await
        }
        PriceOwner::OfferItem(id) => of_offer_items(tx.conn(), checkout, &[id]).await,
        PriceOwner::AddOn(id) => of_add_ons(tx.conn(), checkout, &[id]).await,
    }
}

/// Everything that ever held for some owners, in the order in which it came.
pub async fn history(conn: &Conn, checkout: CheckoutId, owners: &[Uuid]) -> Result<Vec<PastPrice>, DbError> {
    sql(
        "SELECT owner_id, variant_id, currency, amount, discounted_amount, valid_from FROM price_history
         WHERE checkout_id = $1 AND owner_id = ANY($2) ORDER BY valid_from",
    )
    .bind(checkout)
    .bind(owners)
    .rows(conn)
    .await
}

/// The statement that makes the prices of one owner those given ($1, a JSON array), and writes what changed into the history. Two
/// changes of one price are never at the same moment, nor out of order: a transaction that waited for its lock began too early.
macro_rules! replace {
    ($table:literal, $column:literal, $owner:literal) => {
        concat!(
            "WITH given AS (
                 SELECT currency, amount, discounted_amount, lowest_amount_30_days FROM jsonb_to_recordset($1)
                     AS g (currency text, amount bigint, discounted_amount bigint, lowest_amount_30_days bigint)
             ), gone AS (
                 DELETE FROM ", $table, " p WHERE p.checkout_id = $2 AND p.", $column, " = $3
                     AND NOT EXISTS (SELECT 1 FROM given g WHERE g.currency = p.currency)
                 RETURNING p.currency
             ), put AS (
                 INSERT INTO ", $table, " AS p (checkout_id, ", $column, ", currency, amount, discounted_amount, lowest_amount_30_days)
                 SELECT $2, $3, currency, amount, discounted_amount, lowest_amount_30_days FROM given
                 ON CONFLICT (checkout_id, ", $column, ", currency) DO UPDATE SET amount = excluded.amount,
                     discounted_amount = excluded.discounted_amount, lowest_amount_30_days = excluded.lowest_amount_30_days
                 WHERE (p.amount, p.discounted_amount) IS DISTINCT FROM (excluded.amount, excluded.discounted_amount)
                 RETURNING p.currency, p.amount, p.discounted_amount
             ), changed AS (
                 SELECT currency, amount, discounted_amount FROM put UNION ALL SELECT currency, NULL, NULL FROM gone
             )
             INSERT INTO price_history (checkout_id, owner, owner_id, currency, amount, discounted_amount, valid_from)
             SELECT $2, '", $owner, "', $3, c.currency, c.amount, c.discounted_amount, greatest(kassa_now($4), (
                 SELECT max(h.valid_from) + interval '1 microsecond' FROM price_history h
                 WHERE h.checkout_id = $2 AND h.owner_id = $3 AND h.currency = c.currency))
             FROM changed c"
        )
    };
}

const OF_OFFER_ITEM: &str = "WITH given AS (
         SELECT variant_id, currency, amount, discounted_amount, lowest_amount_30_days,
             coalesce(variant_id, '00000000-0000-0000-0000-000000000000') AS variant_key
         FROM jsonb_to_recordset($1)
             AS g (variant_id uuid, currency text, amount bigint, discounted_amount bigint, lowest_amount_30_days bigint)
     ), gone AS (
         DELETE FROM offer_item_prices p WHERE p.checkout_id = $2 AND p.offer_item_id = $3
             AND NOT EXISTS (SELECT 1 FROM given g WHERE g.currency = p.currency AND g.variant_key = p.variant_key)
         RETURNING p.variant_id, p.variant_key, p.currency
     ), put AS (
         INSERT INTO offer_item_prices AS p (checkout_id, offer_item_id, variant_id, currency, amount, discounted_amount, lowest_amount_30_days)
         SELECT $2, $3, variant_id, currency, amount, discounted_amount, lowest_amount_30_days FROM given
         ON CONFLICT (checkout_id, offer_item_id, variant_key, currency) DO UPDATE SET amount = excluded.amount,
             discounted_amount = excluded.discounted_amount, lowest_amount_30_days = excluded.lowest_amount_30_days
         WHERE (p.amount, p.discounted_amount) IS DISTINCT FROM (excluded.amount, excluded.discounted_amount)
         RETURNING p.variant_id, p.variant_key, p.currency, p.amount, p.discounted_amount
     ), changed AS (
         SELECT variant_id, variant_key, currency, amount, discounted_amount FROM put
         UNION ALL SELECT variant_id, variant_key, currency, NULL, NULL FROM gone
     )
     INSERT INTO price_history (checkout_id, owner, owner_id, variant_id, currency, amount, discounted_amount, valid_from)
     SELECT $2, 'offer_item', $3, c.variant_id, c.currency, c.amount, c.discounted_amount, greatest(kassa_now($4), (
         SELECT max(h.valid_from) + interval '1 microsecond' FROM price_history h
         WHERE h.checkout_id = $2 AND h.owner_id = $3 AND h.variant_key = c.variant_key AND h.currency = c.currency))
     FROM changed c";

/// Makes the prices of an owner those given, and writes what changed into the history. The owner's row is locked, or new.
pub(super) async fn replace(tx: &Tx, checkout: CheckoutId, owner: PriceOwner, given: &Value) -> Result<(), DbError> {
    let statement = match owner {
        PriceOwner::Product(_) => sql(replace!("product_prices", "product_id", "product")),
        PriceOwner::Variant(_) => sql(replace!("variant_prices", "variant_id", "variant")),
        PriceOwner::OfferItem(_) => sql(OF_OFFER_ITEM),
        PriceOwner::AddOn(_) => sql(replace!("add_on_prices", "add_on_id", "add_on")),
    };
    statement
        .bind(given)
        .bind(checkout)
        .bind(owner.uuid())
        .bind(tx.offset_ms())
        .execute(tx.conn())
        .await
        .map(drop)
}

/// The product of a variant.
pub(super) async fn product_of(
    conn: &Conn,
    checkout: CheckoutId,
    variant: VariantId,
) -> Result<Option<ProductId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::variants)]
    struct Found {
        product_id: ProductId,
    }
    let found: Option<Found> = sql("SELECT product_id FROM variants WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(variant)
        .row(conn)
        .await?;
    Ok(found.map(|row| row.product_id))
}
