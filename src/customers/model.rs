//! Rows of customers.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::schema::{checkout_sessions, customers};
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::{CustomerId, OrderId, SessionId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name};

/// Somebody who has bought: one address in one mode.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = customers)]
pub struct Customer {
    /// The customer.
    pub id: CustomerId,
    /// Their address.
    pub email: Option<Email>,
    /// The same as it is compared.
    pub email_folded: Option<String>,
    /// Their first name, as they gave it last.
    pub first_name: Option<Name>,
    /// Their last name, as they gave it last.
    pub last_name: Option<Name>,
    /// Their country, as of their last order.
    pub country: Option<Country>,
    /// Whether they bought in test mode.
    pub test_mode: bool,
    /// When they first confirmed an order.
    pub created_at: Instant,
    /// When they last did, or were forgotten.
    pub updated_at: Instant,
    /// When they were forgotten.
    pub erased_at: Option<Instant>,
}

/// What a customer bought in one currency. Deleted orders are in no number.
#[derive(Clone, Debug, QueryableByName)]
pub struct Bought {
    /// The customer.
    #[diesel(sql_type = SqlUuid)]
    pub customer_id: CustomerId,
    /// The currency.
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// How many orders.
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    /// How many of them were paid.
    #[diesel(sql_type = BigInt)]
    pub paid_orders: i64,
    /// What was paid for those, less what went back.
    #[diesel(sql_type = BigInt)]
    pub spent: i64,
    /// When the first was confirmed.
    #[diesel(sql_type = Timestamptz)]
    pub first_at: Instant,
    /// When the last was.
    #[diesel(sql_type = Timestamptz)]
    pub last_at: Instant,
}

/// A customer and what they bought, by currency.
#[derive(Clone, Debug)]
pub struct Known {
    /// The customer.
    pub customer: Customer,
    /// In the order of the currencies' codes.
    pub bought: Vec<Bought>,
}

/// Which customers. Names are as they were typed: the query folds their case. The address is folded here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of test sales instead of live ones.
    pub test_mode: bool,
    /// With this address.
    pub email: Option<String>,
    /// With this first name.
    pub first_name: Option<String>,
    /// With this last name.
    pub last_name: Option<String>,
    /// One of whose names is this.
    pub any_name: Option<String>,
}

/// A visit of a customer, locked.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = checkout_sessions)]
pub struct Visit {
    /// The session.
    pub id: SessionId,
    /// The order it became.
    pub order_id: Option<OrderId>,
}

/// Something for which a customer's data is still needed.
#[derive(Clone, Debug, QueryableByName)]
pub struct Unsettled {
    /// The order.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrderId,
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Why.
    #[diesel(sql_type = Text)]
    pub reason: String,
}
