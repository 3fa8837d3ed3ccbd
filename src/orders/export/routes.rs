//! Exports over HTTP.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use futures_util::TryStreamExt;

use super::{csv, stream};
use crate::http::ctx::Ctx;
use crate::http::list::query;
use crate::http::policy::OrdersRead;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::orders::list::model::Listed;
use crate::orders::list::routes::orders_query;
use crate::orders::list::views::OrderListItemView;

orders_query! {
    /// What is exported, and how.
    ExportQuery {
        /// `csv` for spreadsheets, `ndjson` for programs: one object of the list on each line.
        #[param(example = "csv")]
        pub format: String,
    }
}

fn csv_row(listed: Listed, piece: &mut Vec<u8>) {
    piece.extend_from_slice(csv::row(&listed).as_bytes());
}

fn json_line(listed: Listed, piece: &mut Vec<u8>) {
    // A row of strings and numbers can always be written.
    if let Ok(line) = serde_json::to_vec(&OrderListItemView::from(listed)) {
        piece.extend_from_slice(&line);
        piece.push(b'\n');
    }
}

/// Export orders
///
/// All orders that the filters find, newest first, as one file that is made while it is read. Amounts in the CSV are decimal numbers,
/// in NDJSON minor units as everywhere else. What a spreadsheet would take for a formula is written as text.
#[utoipa::path(tag = "orders", operation_id = "exportOrders", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ExportQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "The file.", content((String = "text/csv"), (OrderListItemView = "application/x-ndjson")))))]
#[get("/v1/checkouts/{checkout_id}/orders/export")]
pub async fn export_orders(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: ExportQuery = query(&ctx.request().query)?;
    let (media, header, write): (_, _, fn(Listed, &mut Vec<u8>)) = match asked.format.as_str() {
        "csv" => ("text/csv; charset=utf-8", csv::HEADER, csv_row),
        "ndjson" => ("application/x-ndjson", "", json_line),
        _ => return Err(Problem::invalid("?format", "invalid", "must be csv or ndjson")),
    };
    let name = format!("attachment; filename=\"orders.{}\"", asked.format);
    let filter = asked.filter()?;
    let pieces = stream::pieces(ctx.db().clone(), ctx.scope().checkout, filter, header, write);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media))
        .insert_header((CONTENT_DISPOSITION, name))
        .streaming(pieces.map_ok(web::Bytes::from).map_err(Problem::from)))
}
