//! Customers over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::erase::erase;
use super::filter::filter;
use super::store;
use super::views::{CustomerDetailView, CustomerView, orders_url};
use crate::checkouts::store::default_locale;
use crate::db::Tx;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CustomersErase, OrdersRead};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, CustomerId};
use crate::kernel::page::PageRequest;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::list::model::Filter as OrdersFilter;
use crate::orders::list::store as orders;

/// How many orders are shown with a customer.
const LATEST: i64 = 10;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::customers) struct CustomerPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The customer.
    pub(in crate::customers) customer_id: CustomerId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CustomersQuery {
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
    /// The whole address, in any case.
    #[param(example = "buyer@example.com")]
    email: Option<String>,
    /// One field for all: a whole address, a first or last name, or both names, in any case.
    #[param(example = "Aino Virtanen")]
    q: Option<String>,
    /// Customers of live sales (false, the default) or of test sales.
    test_mode: Option<bool>,
}

/// List customers
///
/// Who has confirmed an order, the newest customer first, with all that a table of them shows. Live and test customers are apart, even
/// with the same address.
#[utoipa::path(tag = "customers", operation_id = "listCustomers", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), CustomersQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "A page of customers, newest first.", body = List<CustomerView>)))]
#[get("/v1/checkouts/{checkout_id}/customers")]
pub async fn list_customers(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: CustomersQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let filter = filter(asked.test_mode, asked.email.as_deref(), asked.q.as_deref());
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let locale = default_locale(&conn, checkout).await?;
    let page = store::page(&conn, checkout, &filter, &page).await?;
    ctx.page(&ctx.list(page, |known| CustomerView::of(known, &locale)))
}

/// Read a customer
#[utoipa::path(tag = "customers", operation_id = "getCustomer", params(CustomerPath),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "The customer.", body = CustomerDetailView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/customers/{customer_id}")]
pub async fn get_customer(ctx: Ctx<OrdersRead>, path: web::Path<CustomerPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.customer_id);
    let conn = ctx.db().read().await?;
    let known = store::find(&conn, checkout, id).await?;
    let known = known.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let locale = default_locale(&conn, checkout).await?;
    let customer = CustomerView::of(known, &locale);
    let theirs = OrdersFilter {
        customer: Some(id.uuid()),
        test_mode: customer.test_mode,
        ..OrdersFilter::default()
    };
    let latest = orders::page(
        &conn,
        checkout,
        &theirs,
        &PageRequest {
            after: None,
            limit: LATEST,
        },
    )
    .await?;
    ctx.one(&CustomerDetailView {
        orders_url: orders_url(checkout, &customer),
        latest_orders: latest.rows.into_iter().map(Into::into).collect(),
        customer,
    })
}

/// Forget a customer
///
/// Takes off what says who they were: from the customer, their orders with all revisions, their sessions, events with the answers of
/// their receivers, stored answers, queued mails, errors, notes, comments and references that people wrote, and metadata. What
/// book-keeping needs stays: numbers, receipts, dates, lines, amounts, taxes, the country, what the payment provider calls its payments,
/// and, on orders without VAT because the buyer owes it, the VAT number with its proof.
///
/// Refused with 409 while money of theirs is on its way or something is still done for them; an order that nobody pays is cancelled. An
/// open session of the same address ends. Who buys again with the same address is a new customer. To forget somebody who is forgotten
/// changes nothing, except for what was written about them since. It cannot be undone.
#[utoipa::path(tag = "customers", operation_id = "eraseCustomer", params(CustomerPath),
    extensions(("x-required-permission" = json!("customers:erase")), ("x-problems" = json!(["customer-not-settled"]))),
    responses((status = 200, description = "Forgotten.", body = CustomerView)))]
#[post("/v1/checkouts/{checkout_id}/customers/{customer_id}/erase")]
pub async fn erase_customer(ctx: Ctx<CustomersErase>, path: web::Path<CustomerPath>) -> Result<HttpResponse, Problem> {
    let (checkout, id) = (ctx.scope().checkout, path.customer_id);
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = erase(tx, checkout, id).await?;
        let locale = default_locale(tx.conn(), checkout).await?;
        let before = CustomerView::of(before, &locale);
        Ok(Written::changed(&before, CustomerView::of(after, &locale)))
    })
    .await
}
