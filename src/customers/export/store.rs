//! Every query of an export, in whichever room's tables it is.

use uuid::Uuid;

use super::model::{Access, Checked, Revision, Sent, Told, Use, Visit, Waiting};
use crate::customers::model::Customer;
use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, CustomerId, EventId, OrderId, SessionId};
use crate::kernel::text::Label;

/// The next orders of a customer, oldest first.
pub(super) async fn orders(
    conn: &Conn,
    checkout: CheckoutId,
    customer: CustomerId,
    after: Uuid,
    limit: i64,
) -> Result<Vec<OrderId>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::orders)]
    struct Row {
        id: OrderId,
    }
    let rows: Vec<Row> =
        sql("SELECT id FROM orders WHERE checkout_id = $1 AND customer_id = $2 AND id > $3 ORDER BY id LIMIT $4")
            .bind(checkout)
            .bind(customer)
            .bind(after)
            .bind(limit)
            .rows(conn)
            .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The next visits of a customer, oldest first: those of their orders, and those that gave their address.
pub(super) async fn visits(
    conn: &Conn,
    checkout: CheckoutId,
    customer: &Customer,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Visit>, DbError> {
    sql(
        "SELECT id, status, link_id, order_id, currency, locale, email, country, first_name, last_name, postal_code, vat_number, contact,
             custom, metadata, consents, source, tags, discount_code, return_url, cancel_url, created_at, updated_at
         FROM checkout_sessions WHERE checkout_id = $1 AND id IN (
             SELECT o.session_id FROM orders o WHERE o.checkout_id = $1 AND o.customer_id = $2
             UNION SELECT s.id FROM checkout_sessions s
                 WHERE s.checkout_id = $1 AND s.email IS NOT NULL AND kassa_fold(s.email) = kassa_fold($3) AND s.test_mode = $4)
             AND id > $5
         ORDER BY id LIMIT $6",
    )
    .bind(checkout)
    .bind(customer.id)
    .bind(customer.email_folded.as_deref())
    .bind(customer.test_mode)
    .bind(after)
    .bind(limit)
    .rows(conn)
    .await
}

pub(super) async fn revisions(conn: &Conn, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<Revision>, DbError> {
    sql(
        "SELECT order_id, revision, order_row, created_at FROM order_revisions WHERE checkout_id = $1 AND order_id = ANY($2)
         ORDER BY order_id, revision",
    )
    .bind(checkout)
    .bind(orders)
    .rows(conn)
    .await
}

pub(super) async fn mails(conn: &Conn, orders: &[OrderId]) -> Result<Vec<Waiting>, DbError> {
    sql("SELECT id, about, created_at FROM mails WHERE about = ANY($1) ORDER BY id")
        .bind(orders)
        .rows(conn)
        .await
}

pub(super) async fn access(conn: &Conn, checkout: CheckoutId, orders: &[OrderId]) -> Result<Vec<Access>, DbError> {
    sql(
        "SELECT id, order_id, created_at, expires_at, revoked_at FROM order_access WHERE checkout_id = $1 AND order_id = ANY($2)
         ORDER BY id",
    )
    .bind(checkout)
    .bind(orders)
    .rows(conn)
    .await
}

pub(super) async fn uses(conn: &Conn, checkout: CheckoutId, sessions: &[SessionId]) -> Result<Vec<Use>, DbError> {
    sql(
        "SELECT id, session_id, discount_code_id, state, amount, currency, created_at FROM discount_holds
         WHERE checkout_id = $1 AND session_id = ANY($2) ORDER BY id",
    )
    .bind(checkout)
    .bind(sessions)
    .rows(conn)
    .await
}

/// What was told of these things.
pub(super) async fn events(conn: &Conn, checkout: CheckoutId, objects: &[Uuid]) -> Result<Vec<Told>, DbError> {
    sql("SELECT id, type, object_id, occurred_at FROM events WHERE checkout_id = $1 AND object_id = ANY($2) ORDER BY id")
        .bind(checkout)
        .bind(objects)
        .rows(conn)
        .await
}

pub(super) async fn deliveries(conn: &Conn, checkout: CheckoutId, events: &[EventId]) -> Result<Vec<Sent>, DbError> {
    sql("SELECT d.id, d.event_id, d.endpoint_id FROM webhook_endpoints w
             JOIN deliveries d ON d.checkout_id = w.checkout_id AND d.endpoint_id = w.id AND d.event_id = ANY($1)
         WHERE w.checkout_id = $2 ORDER BY d.id")
    .bind(events)
    .bind(checkout)
    .rows(conn)
    .await
}

pub(super) async fn vat_checks(
    conn: &Conn,
    checkout: CheckoutId,
    numbers: Vec<&Label>,
) -> Result<Vec<Checked>, DbError> {
    sql("SELECT id, vat_number, state, name, address, checked_at FROM vat_checks WHERE checkout_id = $1 AND vat_number = ANY($2) ORDER BY id")
        .bind(checkout)
        .bind(numbers)
        .rows(conn)
        .await
}
