//! What the lines of an order are asked for beyond themselves.

use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, OrderId};

/// The employee benefits that may pay for each line.
pub async fn benefits(conn: &Conn, checkout: CheckoutId, order: OrderId) -> Result<Vec<Vec<String>>, DbError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = crate::db::schema::products)]
    struct Row {
        employee_benefits: Vec<String>,
    }
    let rows: Vec<Row> = sql("SELECT p.employee_benefits FROM order_lines l
         JOIN products p ON p.checkout_id = l.checkout_id AND p.id = l.product_id WHERE l.checkout_id = $1 AND l.order_id = $2")
    .bind(checkout)
    .bind(order)
    .rows(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.employee_benefits).collect())
}
