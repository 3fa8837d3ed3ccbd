//! Rows of tokens and of requests for them.

use diesel::QueryableByName;

use crate::db::schema::{order_access_requests, orders};
use crate::kernel::ids::SessionId;
use crate::orders::model::OrderStatus;

/// What somebody said of an order whose way back they want.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_access_requests)]
pub(super) struct Request {
    /// The order's number.
    pub number: i64,
    /// In which of the two series.
    pub test_mode: bool,
    /// The keyed hash of the address they gave.
    pub email_hash: Vec<u8>,
}

/// Where a token leads.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = orders)]
pub struct Way {
    /// The session of the order.
    pub session_id: SessionId,
    /// Where the order stands.
    pub status: OrderStatus,
}
