//! Every query on codes.

use futures_util::try_join;

use super::model::{CodeAmount, CodeDetail, DiscountCode, NewCode};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, DiscountCodeId, ProductId};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageRequest};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.code, c.description, c.type, c.percentage, c.exclude_discounted_products, c.refund_policy, c.active,
                c.valid_from, c.expires_at, c.usage_limit, c.max_per_customer, c.metadata, c.archived_at, c.created_at, c.updated_at,
                ARRAY(SELECT p.product_id FROM discount_products p
                      WHERE p.checkout_id = c.checkout_id AND p.discount_code_id = c.id ORDER BY p.product_id) AS product_ids,
                (SELECT count(*) FROM discount_holds h WHERE h.checkout_id = c.checkout_id AND h.discount_code_id = c.id
                      AND h.state = 'redeemed' AND h.test_mode = $1) AS redeemed,
                (SELECT count(*) FROM discount_holds h WHERE h.checkout_id = c.checkout_id AND h.discount_code_id = c.id
                      AND h.state = 'held' AND h.test_mode = $1 AND h.expires_at > kassa_now($2)) AS held
             FROM discount_codes c ",
            $rest
        )
    };
}

/// A code, put away or not, with its uses in one mode.
pub async fn find(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    id: DiscountCodeId,
    test_mode: bool,
) -> Result<Option<CodeDetail>, DbError> {
    let code = sql(select!("WHERE c.checkout_id = $3 AND c.id = $4"))
        .bind(test_mode)
        .bind(offset_ms)
        .bind(checkout)
        .bind(id)
        .row::<DiscountCode>(conn);
    let (code, amounts) = try_join!(code, amounts(conn, checkout, vec![id]))?;
    Ok(code.map(|code| CodeDetail { code, amounts }))
}

/// A page of codes, newest first.
pub(super) async fn page(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    archived: bool,
    test_mode: bool,
    page: &PageRequest,
) -> Result<Page<CodeDetail>, DbError> {
    let text = if archived {
        select!(
            "WHERE c.checkout_id = $3 AND c.archived_at IS NOT NULL
               AND c.id < coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY c.id DESC LIMIT $5"
        )
    } else {
        select!(
            "WHERE c.checkout_id = $3 AND c.archived_at IS NULL
               AND c.id < coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY c.id DESC LIMIT $5"
        )
    };
    let rows: Vec<DiscountCode> = sql(text)
        .bind(test_mode)
        .bind(offset_ms)
        .bind(checkout)
        .bind(page.after)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    let page = Page::cut(rows, page, |row| row.id.uuid());
    let ids: Vec<DiscountCodeId> = page.rows.iter().map(|row| row.id).collect();
    let amounts = amounts(conn, checkout, ids).await?;
    Ok(page.map(|code| CodeDetail {
        amounts: amounts
            .iter()
            .filter(|amount| amount.discount_code_id == code.id)
            .cloned()
            .collect(),
        code,
    }))
}

async fn amounts(conn: &Conn, checkout: CheckoutId, codes: Vec<DiscountCodeId>) -> Result<Vec<CodeAmount>, DbError> {
    sql(
        "SELECT discount_code_id, currency, amount, minimum_amount FROM discount_amounts
         WHERE checkout_id = $1 AND discount_code_id = ANY($2) ORDER BY discount_code_id, currency",
    )
    .bind(checkout)
    .bind(codes)
    .rows(conn)
    .await
}

/// Which of these products are the checkout's.
pub(super) async fn known_products(
    conn: &Conn,
    checkout: CheckoutId,
    ids: Vec<ProductId>,
) -> Result<Vec<ProductId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::products)]
    struct Row {
        id: ProductId,
    }
    let rows: Vec<Row> = sql("SELECT id FROM products WHERE checkout_id = $1 AND id = ANY($2)")
        .bind(checkout)
        .bind(ids)
        .rows(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Writes codes with their amounts, products and counters: four statements however many. Those whose text is taken are left
/// out; returns the ids of those that were written.
pub(super) async fn insert(tx: &Tx, checkout: CheckoutId, codes: &[NewCode]) -> Result<Vec<DiscountCodeId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::discount_codes)]
    struct Row {
        id: DiscountCodeId,
    }
    let rows: Vec<Row> = sql("INSERT INTO discount_codes (checkout_id, id, code, code_folded, description, type, percentage,
             exclude_discounted_products, refund_policy, active, valid_from, expires_at, usage_limit, max_per_customer, metadata,
             created_at, updated_at)
         SELECT $1, c.*, kassa_now($2), kassa_now($2)
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::bool[], $10::text[], $11::bool[],
             $12::timestamptz[], $13::timestamptz[], $14::bigint[], $15::int[], $16::jsonb[]) c
         ON CONFLICT (checkout_id, code_folded) WHERE archived_at IS NULL DO NOTHING RETURNING id")
        .bind(checkout)
        .bind(tx.offset_ms())
        .bind(column(codes, |code| code.id))
        .bind(column(codes, |code| code.code.to_string()))
        .bind(column(codes, |code| code.code.folded()))
        .bind(column(codes, |code| code.description.as_ref().map(ToString::to_string)))
        .bind(column(codes, |code| code.discount_type.as_str().to_owned()))
        .bind(column(codes, |code| code.percentage))
        .bind(column(codes, |code| code.exclude_discounted_products))
        .bind(column(codes, |code| code.refund_policy.as_str().to_owned()))
        .bind(column(codes, |code| code.active))
        .bind(column(codes, |code| code.valid_from))
        .bind(column(codes, |code| code.expires_at))
        .bind(column(codes, |code| code.usage_limit))
        .bind(column(codes, |code| code.max_per_customer))
        .bind(column(codes, |code| code.metadata.clone()))
        .rows(tx.conn())
        .await?;
    let written: Vec<DiscountCodeId> = rows.into_iter().map(|row| row.id).collect();
    let kept: Vec<&NewCode> = codes.iter().filter(|code| written.contains(&code.id)).collect();
    sql(
        "INSERT INTO discount_counters (checkout_id, discount_code_id, test_mode, usage_limit)
         SELECT $1, c.id, mode.test, c.usage_limit FROM unnest($2::uuid[], $3::bigint[]) c(id, usage_limit)
         CROSS JOIN (VALUES (false), (true)) mode(test)",
    )
    .bind(checkout)
    .bind(kept.iter().map(|code| code.id).collect::<Vec<_>>())
    .bind(kept.iter().map(|code| code.usage_limit).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    for code in &kept {
        insert_amounts(tx, checkout, code.id, &code.amounts).await?;
        insert_products(tx, checkout, code.id, &code.product_ids).await?;
    }
    Ok(written)
}

fn column<T>(codes: &[NewCode], value: impl Fn(&NewCode) -> T) -> Vec<T> {
    codes.iter().map(value).collect()
}

async fn insert_amounts(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    amounts: &[(Currency, Option<i64>, Option<i64>)],
) -> Result<(), DbError> {
    if amounts.is_empty() {
        return Ok(());
    }
    sql(
        "INSERT INTO discount_amounts (checkout_id, discount_code_id, currency, amount, minimum_amount)
         SELECT $1, $2, a.* FROM unnest($3::text[], $4::bigint[], $5::bigint[]) a",
    )
    .bind(checkout)
    .bind(code)
    .bind(
        amounts
            .iter()
            .map(|(currency, ..)| currency.to_string())
            .collect::<Vec<_>>(),
    )
    .bind(amounts.iter().map(|(_, amount, _)| *amount).collect::<Vec<_>>())
    .bind(amounts.iter().map(|(.., minimum)| *minimum).collect::<Vec<_>>())
    .execute(tx.conn())
    .await
    .map(drop)
}

async fn insert_products(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    products: &[ProductId],
) -> Result<(), DbError> {
    if products.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO discount_products (checkout_id, discount_code_id, product_id) SELECT $1, $2, unnest($3::uuid[])")
        .bind(checkout)
        .bind(code)
        .bind(products)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Locks a code against every new hold of it: an insert that refers to it waits, and those in flight are waited for. Buyers never
/// take this lock; only a change of the code does.
pub(super) async fn lock(tx: &Tx, checkout: CheckoutId, id: DiscountCodeId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM discount_codes WHERE checkout_id = $1 AND id = $2 FOR UPDATE")
        .bind(checkout)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(found == 1)
}

/// Keeps a code's fields.
pub(super) async fn update(tx: &Tx, checkout: CheckoutId, code: &DiscountCode) -> Result<(), DbError> {
    sql("UPDATE discount_codes SET code = $1, code_folded = $2, description = $3, type = $4, percentage = $5,
             exclude_discounted_products = $6, refund_policy = $7, active = $8, valid_from = $9, expires_at = $10, usage_limit = $11,
             max_per_customer = $12, metadata = $13, updated_at = kassa_now($14)
         WHERE checkout_id = $15 AND id = $16")
        .bind(&code.code)
        .bind(code.code.folded())
        .bind(&code.description)
        .bind(code.discount_type)
        .bind(code.percentage)
        .bind(code.exclude_discounted_products)
        .bind(code.refund_policy)
        .bind(code.active)
        .bind(code.valid_from)
        .bind(code.expires_at)
        .bind(code.usage_limit)
        .bind(code.max_per_customer)
        .bind(&code.metadata)
        .bind(tx.offset_ms())
        .bind(checkout)
        .bind(code.id)
        .exactly_one(tx.conn())
        .await
}

/// Replaces a code's amounts whole.
pub(super) async fn replace_amounts(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    amounts: &[(Currency, Option<i64>, Option<i64>)],
) -> Result<(), DbError> {
    sql("DELETE FROM discount_amounts WHERE checkout_id = $1 AND discount_code_id = $2")
        .bind(checkout)
        .bind(code)
        .execute(tx.conn())
        .await?;
    insert_amounts(tx, checkout, code, amounts).await
}

/// Replaces a code's products whole.
pub(super) async fn replace_products(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    products: &[ProductId],
) -> Result<(), DbError> {
    sql("DELETE FROM discount_products WHERE checkout_id = $1 AND discount_code_id = $2")
        .bind(checkout)
        .bind(code)
        .execute(tx.conn())
        .await?;
    insert_products(tx, checkout, code, products).await
}

/// Sets the limit in the counters. What was not counted so far, because there was no limit, is counted from the uses themselves;
/// the lock on the code makes sure that no use is on its way.
pub(super) async fn set_limit(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    limit: Option<i64>,
) -> Result<(), DbError> {
    sql("UPDATE discount_holds SET counted = true
         WHERE checkout_id = $1 AND discount_code_id = $2 AND state IN ('held', 'redeemed') AND NOT counted")
    .bind(checkout)
    .bind(code)
    .execute(tx.conn())
    .await?;
    // A statement of its own: whoever is counting a use out or redeeming it has committed by the time the next one looks.
    sql("SELECT 1 FROM discount_counters WHERE checkout_id = $1 AND discount_code_id = $2 ORDER BY test_mode FOR UPDATE")
        .bind(checkout)
        .bind(code)
        .execute(tx.conn())
        .await?;
    sql("UPDATE discount_counters n SET usage_limit = $1,
             held = (SELECT count(*) FROM discount_holds h WHERE h.checkout_id = n.checkout_id
                 AND h.discount_code_id = n.discount_code_id AND h.test_mode = n.test_mode AND h.state = 'held'),
             redeemed = (SELECT count(*) FROM discount_holds h WHERE h.checkout_id = n.checkout_id
                 AND h.discount_code_id = n.discount_code_id AND h.test_mode = n.test_mode AND h.state = 'redeemed')
         WHERE n.checkout_id = $2 AND n.discount_code_id = $3")
    .bind(limit)
    .bind(checkout)
    .bind(code)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Puts a code away, or takes it back.
pub(super) async fn set_archived(
    tx: &Tx,
    checkout: CheckoutId,
    code: DiscountCodeId,
    archived: bool,
) -> Result<(), DbError> {
    sql(
        "UPDATE discount_codes SET archived_at = CASE WHEN $1 THEN kassa_now($2) END, updated_at = kassa_now($2)
         WHERE checkout_id = $3 AND id = $4",
    )
    .bind(archived)
    .bind(tx.offset_ms())
    .bind(checkout)
    .bind(code)
    .exactly_one(tx.conn())
    .await
}

/// Whether a code was ever redeemed, in test mode or live.
pub async fn was_redeemed(tx: &Tx, checkout: CheckoutId, code: DiscountCodeId) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM discount_holds
         WHERE checkout_id = $1 AND discount_code_id = $2 AND state = 'redeemed' AND NOT test_mode LIMIT 1")
    .bind(checkout)
    .bind(code)
    .execute(tx.conn())
    .await?;
    Ok(found > 0)
}
