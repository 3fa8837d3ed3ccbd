//! Every query that a buyer's use of a code makes on the code itself.

use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::discounts::codes::model::CodeTerms;
use crate::kernel::ids::{CheckoutId, DiscountCodeId};
use crate::kernel::money::Currency;

/// A code with its terms in a currency.
pub async fn terms_of(
    conn: &Conn,
    checkout: CheckoutId,
    id: DiscountCodeId,
    currency: Currency,
) -> Result<Option<CodeTerms>, DbError> {
    sql(concat!(
        "SELECT c.id AS discount_code_id, ",
        code_terms!(),
        " FROM discount_codes c
         LEFT JOIN discount_amounts a ON a.checkout_id = c.checkout_id AND a.discount_code_id = c.id AND a.currency = $1
         WHERE c.checkout_id = $2 AND c.id = $3"
    ))
    .bind(currency)
    .bind(checkout)
    .bind(id)
    .row(conn)
    .await
}

/// The code that buyers mean by a text, with its terms in a currency.
pub async fn terms_of_text(
    conn: &Conn,
    checkout: CheckoutId,
    folded: &str,
    currency: Currency,
) -> Result<Option<CodeTerms>, DbError> {
    sql(concat!(
        "SELECT c.id AS discount_code_id, ",
        code_terms!(),
        " FROM discount_codes c
         LEFT JOIN discount_amounts a ON a.checkout_id = c.checkout_id AND a.discount_code_id = c.id AND a.currency = $1
         WHERE c.checkout_id = $2 AND c.code_folded = $3 AND c.archived_at IS NULL"
    ))
    .bind(currency)
    .bind(checkout)
    .bind(folded)
    .row(conn)
    .await
}

/// Whether one more use of a code would be within its limit at this moment. Only a hold makes sure of one.
pub async fn is_available(
    conn: &Conn,
    offset_ms: i64,
    checkout: CheckoutId,
    code: DiscountCodeId,
    test_mode: bool,
) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM discount_counters n
         WHERE n.checkout_id = $1 AND n.discount_code_id = $2 AND n.test_mode = $3
           AND (n.usage_limit IS NULL OR n.usage_limit > n.redeemed + (
               SELECT count(*) FROM discount_holds h
               WHERE h.checkout_id = n.checkout_id AND h.discount_code_id = n.discount_code_id AND h.test_mode = n.test_mode
                 AND h.state = 'held' AND h.expires_at > kassa_now($4)))")
    .bind(checkout)
    .bind(code)
    .bind(test_mode)
    .bind(offset_ms)
    .execute(conn)
    .await?;
    Ok(found == 1)
}
