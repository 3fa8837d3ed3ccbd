//! Lists of orders over HTTP.

use actix_web::{HttpResponse, get};

use super::store;
use super::views::OrderListItemView;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::OrdersRead;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;

/// What a list and an export of orders are filtered by; an order has to meet every filter.
macro_rules! orders_query {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(in crate::orders) struct $name {
            $($own)*
            /// Live orders (false, the default) or test orders.
            pub test_mode: Option<bool>,
            /// The order's number.
            #[param(example = 1001)]
            pub number: Option<i64>,
            /// The buyer.
            #[param(example = "cus_01jd5wq0zsfa2tq4n9v8kx3m7h")]
            pub customer_id: Option<String>,
            /// The buyer's whole address, in any case.
            #[param(example = "buyer@example.com")]
            pub email: Option<String>,
            /// The buyer's whole first name, in any case.
            #[param(example = "Aino")]
            pub first_name: Option<String>,
            /// The buyer's whole last name, in any case.
            #[param(example = "Virtanen")]
            pub last_name: Option<String>,
            /// One field for all: a number, a whole address, a first or last name, or both names.
            #[param(example = "Aino Virtanen")]
            pub q: Option<String>,
            /// not_paid, paid, completed, refunded or deleted.
            #[param(example = "completed")]
            pub status: Option<String>,
            /// unpaid, pending, paid, partially_refunded or refunded.
            #[param(example = "paid")]
            pub payment_status: Option<String>,
            /// not_delivered, partially_delivered or delivered.
            #[param(example = "delivered")]
            pub fulfillment_status: Option<String>,
            /// Orders that a person should look at, or those that nobody needs to.
            pub requires_attention: Option<bool>,
            /// Where the buyer came from.
            #[param(example = "newsletter")]
            pub source: Option<String>,
            /// One of the order's tags.
            #[param(example = "spring")]
            pub tag: Option<String>,
            /// The discount code, in any case.
            #[param(example = "SPRING10")]
            pub discount_code: Option<String>,
            /// A product among its lines.
            #[param(example = "prd_01jd5wq0zsfa2tq4n9v8kx3m7h")]
            pub product_id: Option<String>,
            /// The link that the buyer came by.
            #[param(example = "lnk_01jd5wq0zsfa2tq4n9v8kx3m7h")]
            pub link_id: Option<String>,
            /// The buyer's country.
            #[param(example = "FI")]
            pub country: Option<String>,
            /// A provider by whom paying was tried.
            #[param(example = "stripe")]
            pub provider: Option<String>,
            /// The currency.
            #[param(example = "EUR")]
            pub currency: Option<String>,
            /// Confirmed at this time or later.
            #[param(format = DateTime, example = "2026-11-01T00:00:00.000Z")]
            pub created_from: Option<String>,
            /// Confirmed before this time.
            #[param(format = DateTime, example = "2026-12-01T00:00:00.000Z")]
            pub created_to: Option<String>,
            /// Paid at this time or later.
            #[param(format = DateTime, example = "2026-11-01T00:00:00.000Z")]
            pub paid_from: Option<String>,
            /// Paid before this time.
            #[param(format = DateTime, example = "2026-12-01T00:00:00.000Z")]
            pub paid_to: Option<String>,
        }

        impl $name {
            /// The filters, checked.
            pub(in crate::orders) fn filter(self) -> Result<$crate::orders::list::model::Filter, $crate::kernel::problem::Problem> {
                $crate::orders::list::model::Filter::try_from($crate::orders::list::filter::Asked {
                    test_mode: self.test_mode,
                    number: self.number,
                    customer_id: self.customer_id,
                    email: self.email,
                    first_name: self.first_name,
                    last_name: self.last_name,
                    q: self.q,
                    status: self.status,
                    payment_status: self.payment_status,
                    fulfillment_status: self.fulfillment_status,
                    requires_attention: self.requires_attention,
                    source: self.source,
                    tag: self.tag,
                    discount_code: self.discount_code,
                    product_id: self.product_id,
                    link_id: self.link_id,
                    country: self.country,
                    provider: self.provider,
                    currency: self.currency,
                    created_from: self.created_from,
                    created_to: self.created_to,
                    paid_from: self.paid_from,
                    paid_to: self.paid_to,
                })
            }
        }
    };
}

pub(in crate::orders) use orders_query;

orders_query! {
    /// A page of a list.
    OrdersQuery {
        /// How many rows at the most: 1 to 100, 20 when absent.
        #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
        pub limit: Option<i64>,
        /// `next_cursor` of the page before.
        #[param(example = "AZNQ3mGfTqKb0l8V")]
        pub cursor: Option<String>,
    }
}

/// List orders
///
/// Newest first, with all that a table of orders shows. An order has to meet every filter that is sent.
#[utoipa::path(tag = "orders", operation_id = "listOrders", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), OrdersQuery),
    extensions(("x-required-permission" = json!("orders:read"))),
    responses((status = 200, description = "A page of orders, newest first.", body = List<OrderListItemView>)))]
#[get("/v1/checkouts/{checkout_id}/orders")]
pub async fn list_orders(ctx: Ctx<OrdersRead>) -> Result<HttpResponse, Problem> {
    let asked: OrdersQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let filter = asked.filter()?;
    let conn = ctx.db().read().await?;
    let page = store::page(&conn, ctx.scope().checkout, &filter, &page).await?;
    ctx.page(&ctx.list(page, OrderListItemView::from))
}
