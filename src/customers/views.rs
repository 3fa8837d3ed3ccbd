//! Customers as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::Known;
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::format::amount;
use crate::kernel::ids::{CheckoutId, CustomerId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name};
use crate::orders::list::views::OrderListItemView;

/// Somebody who has bought: one address, live and test sales apart.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerView {
    /// The customer.
    pub id: CustomerId,
    /// Their address; none once they are forgotten.
    pub email: Option<Email>,
    /// Their first name, as they gave it last.
    pub first_name: Option<Name>,
    /// Their last name, as they gave it last.
    pub last_name: Option<Name>,
    /// Their country, as of their last order.
    pub country: Option<Country>,
    /// Whether they bought in test mode.
    #[schema(example = false)]
    pub test_mode: bool,
    /// How many orders they confirmed; deleted ones are in no number.
    #[schema(example = 2)]
    pub orders_count: i64,
    /// How many of those they paid.
    #[schema(example = 1)]
    pub paid_orders_count: i64,
    /// What they paid, less what went back, by currency.
    pub total_spent: Vec<CustomerSpent>,
    /// When they confirmed their first order.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub first_order_at: Option<String>,
    /// When they confirmed their last.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub last_order_at: Option<String>,
    /// When they were forgotten.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub erased_at: Option<String>,
    /// When they became a customer.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When they last confirmed an order, or were forgotten.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// What a customer paid in one currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerSpent {
    /// The currency.
    pub currency: Currency,
    /// In minor units.
    #[schema(example = 3900)]
    pub amount: i64,
    /// The same as people read it.
    #[schema(example = "€39.00")]
    pub amount_formatted: String,
}

/// A customer with their latest orders.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CustomerDetail)]
pub struct CustomerDetailView {
    /// The customer.
    #[serde(flatten)]
    pub customer: CustomerView,
    /// Their latest orders, newest first, ten at the most.
    pub latest_orders: Vec<OrderListItemView>,
    /// Where the list of all their orders is.
    #[schema(
        example = "/v1/checkouts/chk_01jd5wq0zsfa2tq4n9v8kx3m7h/orders?customer_id=cus_01jd5wq0zsfa2tq4n9v8kx3m7h&test_mode=false"
    )]
    pub orders_url: String,
}

impl CustomerView {
    /// A customer, with amounts in the checkout's own language.
    pub fn of(known: Known, locale: &Locale) -> Self {
        let Known { customer: row, bought } = known;
        let first = bought.iter().map(|part| part.first_at).min();
        let last = bought.iter().map(|part| part.last_at).max();
        Self {
            id: row.id,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            country: row.country,
            test_mode: row.test_mode,
            orders_count: bought.iter().map(|part| part.orders).sum(),
            paid_orders_count: bought.iter().map(|part| part.paid_orders).sum(),
            total_spent: bought
                .iter()
                .filter(|part| part.paid_orders > 0)
                .map(|part| CustomerSpent {
                    currency: part.currency,
                    amount: part.spent,
                    amount_formatted: amount(locale, part.currency, part.spent),
                })
                .collect(),
            first_order_at: first.as_ref().map(rfc3339),
            last_order_at: last.as_ref().map(rfc3339),
            erased_at: row.erased_at.as_ref().map(rfc3339),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}

/// Where the list of all orders of a customer is.
pub fn orders_url(checkout: CheckoutId, customer: &CustomerView) -> String {
    format!(
        "/v1/checkouts/{checkout}/orders?customer_id={}&test_mode={}",
        customer.id, customer.test_mode
    )
}
