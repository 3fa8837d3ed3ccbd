//! Every query on the lines of baskets. The caller has locked the session.

use futures_util::future::try_join_all;

use super::model::{NewLine, OfferedAddOn, SessionLine};
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{AddOnId, CheckoutId, LineId, OfferItemId, SessionId, VariantId};
use crate::sessions::model::Session;

/// The basket with the prices that hold now in the session's currency, without what an upgrade replaces. The ranks are those of
/// [`crate::catalog::prices::model::LevelPrice`], before them the link's own price; a test holds the two against each other.
pub(crate) async fn lines(conn: &Conn, checkout: CheckoutId, session: &Session) -> Result<Vec<SessionLine>, DbError> {
    sql("SELECT l.id, l.role, l.offer_item_id, l.add_on_id, l.link_id, k.offer_id, k.source, k.tags, l.of_link, l.product_id, l.variant_id,
                coalesce(CASE WHEN l.of_link THEN k.product_options ->> 'name' END, i.name,
                    CASE WHEN l.add_on_id IS NOT NULL
                         THEN coalesce(a.translations #>> ARRAY[$1, 'name'], a.translations #>> ARRAY[$2, 'name'], a.name) END,
                    p.translations #>> ARRAY[$1, 'name'], p.translations #>> ARRAY[$2, 'name'], p.name) AS name,
                p.vat_type, p.place_country, p.employee_benefits, l.quantity, coalesce(i.quantity_min, a.quantity_min) AS quantity_min,
                coalesce(i.quantity_max, a.quantity_max) AS quantity_max, coalesce(i.optional, false) AS optional, l.selected,
                x.amount, x.discounted_amount, x.lowest_amount_30_days, l.seen_amount,
                coalesce(k.checkout_data -> 'locked' @> '\"variant_quantities\"', false) AS quantities_locked,
                coalesce(k.checkout_options -> 'discount' = 'false', false) AS codes_closed, k.checkout_data ->> 'discount_code' AS link_code
         FROM session_lines l
         JOIN checkout_links k ON k.checkout_id = l.checkout_id AND k.id = l.link_id
         LEFT JOIN offer_items i ON i.checkout_id = l.checkout_id AND i.id = l.offer_item_id
         LEFT JOIN add_ons a ON a.checkout_id = l.checkout_id AND a.id = l.add_on_id
         JOIN products p ON p.checkout_id = l.checkout_id AND p.id = l.product_id
         -- A link's own price is for its own variant, and sells in its own currency alone.
         CROSS JOIN LATERAL (
             SELECT l.of_link AND k.custom_price IS NOT NULL AND coalesce(k.variant_id = l.variant_id, true) AS price
         ) own
         LEFT JOIN LATERAL (
             SELECT 0 AS level, k.custom_price AS amount, NULL::bigint AS discounted_amount, NULL::bigint AS lowest_amount_30_days
             WHERE own.price AND k.currency = $3
             UNION ALL
             SELECT CASE WHEN o.variant_id IS NULL THEN 2 ELSE 1 END, o.amount, o.discounted_amount, o.lowest_amount_30_days
             FROM offer_item_prices o
             WHERE o.checkout_id = l.checkout_id AND o.offer_item_id = l.offer_item_id
                 AND o.variant_key IN ('00000000-0000-0000-0000-000000000000', l.variant_id) AND o.currency = $3 AND NOT own.price
             UNION ALL
             SELECT 0, n.amount, n.discounted_amount, n.lowest_amount_30_days FROM add_on_prices n
             WHERE n.checkout_id = l.checkout_id AND n.add_on_id = l.add_on_id AND n.currency = $3
             UNION ALL
             SELECT 3, v.amount, v.discounted_amount, v.lowest_amount_30_days FROM variant_prices v
             WHERE v.checkout_id = l.checkout_id AND v.variant_id = l.variant_id AND v.currency = $3 AND NOT own.price
             UNION ALL
             SELECT 4, d.amount, d.discounted_amount, d.lowest_amount_30_days FROM product_prices d
             WHERE d.checkout_id = l.checkout_id AND d.product_id = l.product_id AND d.currency = $3 AND NOT own.price
             ORDER BY level LIMIT 1
         ) x ON true
         WHERE l.checkout_id = $4 AND l.session_id = $5 AND l.replaced_by IS NULL ORDER BY l.position, l.id")
        .bind(session.locale.as_str())
        .bind(session.locale.language())
        .bind(session.currency)
        .bind(checkout)
        .bind(session.id)
        .rows(conn)
        .await
}

/// The add-ons of the session's offer that are in use.
pub(crate) async fn add_ons(
    conn: &Conn,
    checkout: CheckoutId,
    session: &Session,
) -> Result<Vec<OfferedAddOn>, DbError> {
    sql("SELECT a.id, a.kind, f.position, v.product_id, a.variant_id, a.replaces_product_id,
                coalesce(a.translations #>> ARRAY[$1, 'name'], a.translations #>> ARRAY[$2, 'name'], a.name) AS name,
                coalesce(a.translations #>> ARRAY[$1, 'description'], a.translations #>> ARRAY[$2, 'description'], a.description)
                    AS description,
                a.image_url, a.quantity_default, a.quantity_min, a.quantity_max, x.amount, x.discounted_amount
         FROM offer_add_ons f
         JOIN add_ons a ON a.checkout_id = f.checkout_id AND a.id = f.add_on_id AND a.status = 'active'
         JOIN variants v ON v.checkout_id = a.checkout_id AND v.id = a.variant_id AND v.status = 'active'
         JOIN products p ON p.checkout_id = v.checkout_id AND p.id = v.product_id AND p.status = 'active'
         LEFT JOIN LATERAL (
             SELECT 0 AS level, n.amount, n.discounted_amount FROM add_on_prices n
             WHERE n.checkout_id = a.checkout_id AND n.add_on_id = a.id AND n.currency = $3
             UNION ALL
             SELECT 3, n.amount, n.discounted_amount FROM variant_prices n
             WHERE n.checkout_id = a.checkout_id AND n.variant_id = a.variant_id AND n.currency = $3
             UNION ALL
             SELECT 4, n.amount, n.discounted_amount FROM product_prices n
             WHERE n.checkout_id = a.checkout_id AND n.product_id = v.product_id AND n.currency = $3
             ORDER BY level LIMIT 1
         ) x ON true
         WHERE f.checkout_id = $4 AND f.offer_id = $5 ORDER BY f.position, f.sort, a.id")
        .bind(session.locale.as_str())
        .bind(session.locale.language())
        .bind(session.currency)
        .bind(checkout)
        .bind(session.offer_id)
        .rows(conn)
        .await
}

/// Writes lines.
pub(crate) async fn insert(
    tx: &Tx,
    checkout: CheckoutId,
    session: SessionId,
    lines: &[NewLine],
) -> Result<(), DbError> {
    let written = lines.iter().map(|line| {
        sql("INSERT INTO session_lines (checkout_id, id, session_id, position, role, offer_item_id, add_on_id, link_id, product_id,
                 variant_id, quantity, of_link, selected, seen_amount)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
            .bind(checkout)
            .bind(line.id)
            .bind(session)
            .bind(line.position)
            .bind(line.role)
            .bind(line.offer_item)
            .bind(line.add_on)
            .bind(line.link)
            .bind(line.product)
            .bind(line.variant)
            .bind(line.quantity)
            .bind(line.of_link)
            .bind(line.selected)
            .bind(line.seen_amount)
            .execute(tx.conn())
    });
    try_join_all(written).await.map(drop)
}

/// Keeps what the buyer chose for a line. The price that was seen is that of the variant that was seen.
pub(super) async fn update(tx: &Tx, checkout: CheckoutId, line: &SessionLine) -> Result<(), DbError> {
    sql("UPDATE session_lines SET quantity = $1, selected = $2,
             seen_amount = CASE WHEN variant_id = $3 AND selected THEN seen_amount END, variant_id = $3
         WHERE checkout_id = $4 AND id = $5")
    .bind(line.quantity)
    .bind(line.selected)
    .bind(line.variant_id)
    .bind(checkout)
    .bind(line.id)
    .exactly_one(tx.conn())
    .await
}

/// Takes a line out of the basket; what it stood in the place of comes back.
pub(super) async fn remove(tx: &Tx, checkout: CheckoutId, session: SessionId, line: LineId) -> Result<(), DbError> {
    sql("UPDATE session_lines SET replaced_by = NULL WHERE checkout_id = $1 AND session_id = $2 AND replaced_by = $3")
        .bind(checkout)
        .bind(session)
        .bind(line)
        .execute(tx.conn())
        .await?;
    sql("DELETE FROM session_lines WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(line)
        .exactly_one(tx.conn())
        .await
}

/// Puts an upgrade in the place of a line.
pub(super) async fn replace(tx: &Tx, checkout: CheckoutId, line: LineId, by: LineId) -> Result<(), DbError> {
    sql("UPDATE session_lines SET replaced_by = $1 WHERE checkout_id = $2 AND id = $3")
        .bind(by)
        .bind(checkout)
        .bind(line)
        .exactly_one(tx.conn())
        .await?;
    sql("UPDATE session_lines u SET position = r.position FROM session_lines r
         WHERE r.checkout_id = $1 AND r.id = $2 AND u.checkout_id = $1 AND u.id = $3")
    .bind(checkout)
    .bind(line)
    .bind(by)
    .exactly_one(tx.conn())
    .await
}

/// The line of an accepted add-on.
pub(super) async fn line_of_add_on(
    conn: &Conn,
    checkout: CheckoutId,
    session: SessionId,
    add_on: AddOnId,
) -> Result<Option<LineId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::session_lines)]
    struct Row {
        id: LineId,
    }
    let row: Option<Row> =
        sql("SELECT id FROM session_lines WHERE checkout_id = $1 AND session_id = $2 AND add_on_id = $3")
            .bind(checkout)
            .bind(session)
            .bind(add_on)
            .row(conn)
            .await?;
    Ok(row.map(|row| row.id))
}

/// Whether an item sells a variant.
pub(super) async fn sells(
    conn: &Conn,
    checkout: CheckoutId,
    item: OfferItemId,
    variant: VariantId,
) -> Result<bool, DbError> {
    let found = sql("SELECT 1 FROM offer_items i
         JOIN variants v ON v.checkout_id = i.checkout_id AND v.product_id = i.product_id AND v.id = $1 AND v.status = 'active'
         WHERE i.checkout_id = $2 AND i.id = $3 AND i.removed_at IS NULL AND (i.variant_ids = '{}' OR v.id = ANY(i.variant_ids))")
    .bind(variant)
    .bind(checkout)
    .bind(item)
    .execute(conn)
    .await?;
    Ok(found == 1)
}

/// Notes what each line costs: the buyer is being shown it.
pub(crate) async fn see(tx: &Tx, checkout: CheckoutId, lines: &[SessionLine]) -> Result<(), DbError> {
    let unseen: Vec<&SessionLine> = lines
        .iter()
        .filter(|line| line.selected && line.seen_amount != line.unit_amount())
        .collect();
    if unseen.is_empty() {
        return Ok(());
    }
    sql(
        "UPDATE session_lines l SET seen_amount = x.amount FROM unnest($1::uuid[], $2::bigint[]) x(id, amount)
         WHERE l.checkout_id = $3 AND l.id = x.id",
    )
    .bind(unseen.iter().map(|line| line.id).collect::<Vec<_>>())
    .bind(unseen.iter().map(|line| line.unit_amount()).collect::<Vec<_>>())
    .bind(checkout)
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Forgets what was seen: the currency has changed.
pub(crate) async fn forget_seen(tx: &Tx, checkout: CheckoutId, session: SessionId) -> Result<(), DbError> {
    sql("UPDATE session_lines SET seen_amount = NULL WHERE checkout_id = $1 AND session_id = $2")
        .bind(checkout)
        .bind(session)
        .execute(tx.conn())
        .await
        .map(drop)
}
