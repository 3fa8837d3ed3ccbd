//! The export over HTTP.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use futures_util::TryStreamExt;

use super::stream;
use super::views::CustomerExportView;
use crate::checkouts::store::default_locale;
use crate::customers::routes::CustomerPath;
use crate::customers::store;
use crate::customers::views::CustomerView;
use crate::http::ctx::Ctx;
use crate::http::policy::OrdersRead;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Export a customer
///
/// All that is known of one customer as one document, made while it is read: the customer, every order with lines, payments, consents,
/// refunds, actions, older revisions and queued mails, every session with its discount uses, and the events and deliveries by id.
#[utoipa::path(tag = "customers", operation_id = "exportCustomer", params(CustomerPath),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "The document.", body = CustomerExportView)))]
#[get("/v1/checkouts/{checkout_id}/customers/{customer_id}/export")]
pub async fn export_customer(ctx: Ctx<OrdersRead>, path: web::Path<CustomerPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.customer_id);
    let conn = ctx.db().read().await?;
    let known = store::find(&conn, checkout, id).await?;
    let known = known.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let locale = default_locale(&conn, checkout).await?;
    let customer = known.customer.clone();
    let pieces = stream::pieces(ctx.db().clone(), checkout, customer, CustomerView::of(known, &locale));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.json\"")))
        .streaming(pieces.map_ok(web::Bytes::from).map_err(Problem::from)))
}
